#!/usr/bin/env bash
# A throw-away Slurm of one node on loopback, from Debian's packages: slurm.sh up FOLDER, slurm.sh down FOLDER.
# Needs root, no systemd. Everything is kept in FOLDER but for one link, /etc/slurm/slurm.conf: the plugin hides SLURM_CONF
# from its jobs. The node claims 8 CPUs, 64 GB and 2 GPUs, whatever the machine has.
set -euo pipefail
action=$1 folder=$2
port=16817
host=$(hostname -s)
export SLURM_CONF=$folder/slurm.conf

say_no() { echo "slurm.sh: $*" >&2; tail -n 5 "$folder"/*.log >&2 2>/dev/null || true; exit 1; }

# is the process of FOLDER/$1.pid, still, a $1? (a zombie has no executable)
runs() {
    local pid
    pid=$(cat "$folder/$1.pid" 2>/dev/null) && readlink "/proc/$pid/exe" >/dev/null && [ "$(cat "/proc/$pid/comm")" = "$1" ]
}

within() { # within SECONDS COMMAND...
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || return 1; sleep 0.2; done
}

up() {
    mkdir -p "$folder/state" "$folder/spool" /etc/slurm
    if [ -e /etc/slurm/slurm.conf ] && [ "$(readlink /etc/slurm/slurm.conf)" != "$SLURM_CONF" ]; then
        say_no "/etc/slurm/slurm.conf belongs to somebody else"
    fi
    umask 077
    head -c 128 /dev/urandom >"$folder/munge.key"
    umask 022
    # a GPU counts only if it has a character device
    for i in 0 1; do ln -sfn /dev/null "$folder/gpu$i"; done
    printf 'AutoDetect=off\nName=gpu File=%s/gpu[0-1]\n' "$folder" >"$folder/gres.conf"
    if dpkg --compare-versions "$(dpkg-query -W -f '${Version}' slurmctld)" ge 23; then
        echo CgroupPlugin=disabled >"$folder/cgroup.conf"
    else
        : >"$folder/cgroup.conf"
    fi
    cat >"$SLURM_CONF" <<END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
# without cgroups Slurm itself looks every second whether a job has outgrown its memory
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=UsePss,OverMemoryKill
AccountingStorageType=accounting_storage/none
SchedulerParameters=bf_interval=1,sched_interval=1,sched_min_interval=0,batch_sched_delay=0,defer
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
ReturnToService=2
MinJobAge=600
KillWait=2
InactiveLimit=0
GresTypes=gpu
NodeName=$host NodeAddr=127.0.0.1 CPUs=8 RealMemory=64000 Gres=gpu:2 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
PartitionName=other Nodes=$host MaxTime=INFINITE State=UP
END
    ln -sfn "$SLURM_CONF" /etc/slurm/slurm.conf
    munged --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" \
        --log-file="$folder/munged.log" --seed-file="$folder/munge.seed"
    within 20 munge -n -S "$folder/munge.socket" || say_no "munged does not answer"
    slurmctld
    within 30 sh -c "scontrol ping | grep -q 'is UP'" || say_no "slurmctld does not answer"
    slurmd
    within 30 srun -n1 -t1 --mem=50 true || say_no "no job runs"
}

down() {
    # the jobs' own daemons outlive slurmd: jobs first
    if runs slurmctld; then
        timeout 10 scancel --user="$(id -un)" || true
        within 15 sh -c '[ -z "$(squeue -h)" ]' || echo "slurm.sh: some jobs did not end" >&2
    fi
    for daemon in slurmd slurmctld munged; do
        runs "$daemon" || continue
        kill "$(cat "$folder/$daemon.pid")"
        within 10 eval "! runs $daemon" || kill -KILL "$(cat "$folder/$daemon.pid")"
    done
    if [ "$(readlink /etc/slurm/slurm.conf)" = "$SLURM_CONF" ]; then rm /etc/slurm/slurm.conf; fi
}

"$action"
