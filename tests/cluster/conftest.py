"""Real runs on a real Slurm of one node, started here and stopped after."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.workflow.conftest import ROOT, TINY, Project, copy_project

PACKAGES = ("slurmctld", "slurmd", "slurm-client", "munge")
PROGRAMS = ("slurmctld", "slurmd", "sbatch", "munged")


class ClusterProject(Project):
    """A copy of the project whose runs go to Slurm."""

    profile = "slurm"

    def command(self, *arguments: str, cores: int = 2) -> list[str]:
        snakemake = [sys.executable, "-m", "snakemake", *arguments, "--configfile", str(self.config)]
        snakemake += ["--workflow-profile", f"profiles/{self.profile}", "--local-cores", str(cores)]
        return [*snakemake, "--slurm-init-seconds-before-status-checks", "1", "--latency-wait", "5"]

    def start(self, *arguments: str) -> subprocess.Popen:
        """Run Snakemake in the background, its output in ``output``."""
        # what a shell runs in its background, these tests perhaps, ignores Ctrl-C and so does all that it starts
        command = ["env", "--default-signal=INT", *self.command(*arguments)]
        with self.output.open("w") as output:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=os.environ | self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> Path:
        return self.folder / "output.txt"

    def requests(self, rule: str = "") -> list[dict[str, str]]:
        """What Slurm knows of this project's jobs, oldest first: fields as scontrol names them."""
        lines = slurm("scontrol", "show", "job", "--oneliner").splitlines()
        jobs = [dict(field.partition("=")[::2] for field in line.split()) for line in lines if "JobId=" in line]
        mine = [job for job in jobs if job["WorkDir"] == str(self.folder)]
        return sorted((job for job in mine if rule in job.get("Comment", "")), key=lambda job: int(job["JobId"]))

    def in_queue(self) -> list[str]:
        """Identifiers of this project's jobs that wait or run."""
        return [job["JobId"] for job in self.requests() if job["JobState"] in ("PENDING", "RUNNING", "COMPLETING")]

    def freeze(self, script: str) -> int:
        """Stop the first process that runs this script for a job: it hangs. Returns its process identifier."""
        running = ["pgrep", "--oldest", "--full", f"{self.folder}/.snakemake/scripts/.*{script}"]
        wait_for(lambda: subprocess.run(running, stdout=subprocess.DEVNULL).returncode == 0)
        pid = int(subprocess.check_output(running))
        os.kill(pid, signal.SIGSTOP)
        return pid


def slurm(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def wait_for(what: Callable[[], object], seconds: float = 200) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Slurm is up, and the plugin, which is no part of the tests' environment, can be imported."""
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("starting a Slurm needs root")
    if os.environ.get("AESPECTRA_INSTALL_SLURM") and not all(map(shutil.which, PROGRAMS)):
        install_packages()
    if not all(map(shutil.which, PROGRAMS)):
        pytest.skip(f"no Slurm here: install {' '.join(PACKAGES)}, or set AESPECTRA_INSTALL_SLURM=1 to have it done")
    plugin, folder = (tmp_path_factory.mktemp(name) for name in ("plugin", "slurm"))
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--require-hashes", "--target", plugin, "-r", ROOT / "envs" / "slurm.lock"], check=True)
    script = Path(__file__).parent / "slurm.sh"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(plugin))
        try:
            subprocess.run([script, "up", folder], check=True, timeout=120)
            yield
        finally:
            subprocess.run([script, "down", folder], check=True, timeout=120)


def install_packages() -> None:
    apt = ["apt-get", "--quiet", "--yes", "--no-install-recommends"]
    policy = Path("/usr/sbin/policy-rc.d")  # keeps packages from starting their services
    ours = not policy.exists()
    if ours:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        subprocess.run([*apt, "update"], check=True)
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run([*apt, "install", *PACKAGES], check=True, env=environment)
    finally:
        if ours:
            policy.unlink()


@pytest.fixture
def project(cluster: None, tmp_path: Path) -> ClusterProject:
    return on_cluster(tmp_path / "project", TINY)


def on_cluster(folder: Path, config: dict) -> ClusterProject:
    copy_project(folder, config)
    return ClusterProject(folder, config)
