"""The workflow's own share of a run on a cluster: jobs that only leave their files, through a real Slurm of one node.

By itself, as it needs `make slurm`, a Slurm that runs (tests/cluster/slurm.sh up FOLDER), and its time:
PYTHONPATH=workflow:. .venv/bin/python tests/benchmarks/scheduler.py 1000:1 10000:10 runs 1,000 networks with one a
submission, then 10,000 with ten.

Snakemake, its plugin, sbatch, squeue and Slurm's daemons are the real ones. What a job would run, a Snakemake of its
own and then the training, gives way to a shell that copies networks made before.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from aespectra.models.autoencoder import Autoencoder
from aespectra.models.checkpoint import save_checkpoint
from safetensors import safe_open
from timing import table

from tests.workflow.conftest import copy_project

LATENT_DIMS, SEEDS = [2, 4, 8, 16, 20], 20
AT_A_TIME = 200
"""Submissions that wait or run."""
STUDY = {
    "experiment": "scale",
    "images": {"name": "digits"},
    "autoencoder": {"hidden": [2]},
    "training": {"epochs": 1},
    "latent_dims": LATENT_DIMS,
    "seeds": list(range(SEEDS)),
    "evaluation": {"samples": 100},
}
MODELS = "results/scale/models"
JOB = f"""#!/bin/sh
# in place of Snakemake, whose --target-jobs are train:family=f0,latent_dim=2,seed=0 and so on
for word in "$@"; do
    case $word in
    train:*)
        IFS=:=, read -r _ _ family _ d _ seed <<END
$word
END
        network="{MODELS}/$family/d${{d}}_seed${{seed}}"
        mkdir -p "{MODELS}/$family"
        cp made/loss.csv "${{network}}_loss.csv"
        cp "made/$family/d${{d}}_seed${{seed}}.safetensors" "$network.safetensors" ;;
    esac
done
"""
SBATCH = """#!{python}
import os, sys
os.execv({real!r}, [word.replace({snakemake!r}, {job!r}) for word in sys.argv])
"""


def measure(networks: int, packed: int) -> dict[str, float]:
    """One run, from nothing to the last network, and what a dry run takes after it."""
    families = [f"f{i}" for i in range(networks // len(LATENT_DIMS) // SEEDS)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "project"
        prepare(folder, families)
        snakemake = [sys.executable, "-m", "snakemake", "--configfile", "tiny.yaml"]
        timed([*snakemake, "--cores", "1", "--", f"{MODELS}/f0/d2_seed0.safetensors"], folder, "first")
        make_networks(folder, families)
        profile = "profiles/slurm-gpu" if packed > 1 else "profiles/slurm"  # in groups, jobs run one after another
        run = [*snakemake, "--until", "train", "--workflow-profile", profile, "--jobs", str(AT_A_TIME)]
        run += ["--group-components", f"networks={packed}"]
        whole = timed([*run, "--", "all"], folder, "run")
        after = timed([*run, "--dry-run", "--quiet", "--", "all"], folder, "after")
        made = sorted(path.stat().st_mtime for path in (folder / MODELS).glob("*/*.safetensors"))
    assert len(made) == networks, f"{len(made)} networks of {networks}"
    tenth = networks // 10
    return {
        "networks": networks,
        "a submission": packed,
        "minutes": whole["seconds"] / 60,
        "Snakemake and its commands, CPU ms a network": whole["busy"] / networks * 1e3,
        "MB": whole["megabytes"],
        "networks a second, second tenth": tenth / (made[2 * tenth] - made[tenth]),
        "last tenth": tenth / (made[-1] - made[-1 - tenth]),
        "dry run after, s": after["seconds"],
    }


def prepare(folder: Path, families: list[str]) -> None:
    """A copy of the project, the study, and an sbatch that submits JOB for what Snakemake wants to run."""
    copy_project(folder, STUDY | {"families": [{"name": name, "kind": "autoencoder"} for name in families]})
    commands = folder / "commands"
    commands.mkdir()
    (commands / "job").write_text(JOB)
    words = {"python": sys.executable, "real": shutil.which("sbatch"), "snakemake": f"{sys.executable} -m snakemake"}
    (commands / "sbatch").write_text(SBATCH.format(**words, job=str(commands / "job")))
    for each in commands.iterdir():
        each.chmod(0o755)


def make_networks(folder: Path, families: list[str]) -> None:
    """Untrained, but named and described as the run will expect them, after the one that it trained."""
    first = folder / MODELS / "f0" / "d2_seed0.safetensors"
    with safe_open(first, "pt") as file:
        made_by = json.loads(json.loads(file.metadata()["provenance"])["config"])
    for family in families:
        for d in LATENT_DIMS:
            network = Autoencoder((made_by["pixels"],), d, **made_by["autoencoder"])
            for seed in range(SEEDS):
                path = folder / "made" / family / f"d{d}_seed{seed}.safetensors"
                path.parent.mkdir(parents=True, exist_ok=True)
                save_checkpoint(path, network, made_by | {"family": family, "latent_dim": d, "seed": seed}, "cpu")
    shutil.move(first.with_name("d2_seed0_loss.csv"), folder / "made" / "loss.csv")
    first.unlink()


def timed(command: list[str], folder: Path, output: str) -> dict[str, float]:
    """Seconds, seconds of processor with those of its own commands, and the largest memory of one process."""
    start = time.monotonic()
    environment = os.environ | {"PATH": f"{folder / 'commands'}:{os.environ['PATH']}"}
    with (folder / output).open("w") as file:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=file, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, (folder / output).read_text()[-5000:]
    return {
        "seconds": time.monotonic() - start,
        "busy": usage.ru_utime + usage.ru_stime,
        "megabytes": usage.ru_maxrss * 1024 / 1e6,
    }


if __name__ == "__main__":
    rows = []
    for word in sys.argv[1:]:
        rows.append(measure(*map(int, word.split(":"))))
        print(table(rows), flush=True)
