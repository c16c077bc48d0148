"""Real runs of the workflow, each in a copy of the project so that none sees another's results."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PARTS = ("Snakefile", "workflow", "config", "profiles", "envs", "examples")

TINY = {
    "experiment": "tiny",
    "images": {"name": "digits"},
    "latent_dims": [2, 3],
    "autoencoder": {"hidden": [16, 8]},
    "training": {"epochs": 2},
    "evaluation": {
        "samples": 60,
        "sets": [
            {"name": "bernoulli-0.13", "distribution": "bernoulli", "p": 0.13},
            {"name": "truncated-normal", "distribution": "truncated_normal", "mean": 0.5, "std": 1},
            {"name": "beta-5-0.8", "distribution": "beta", "alpha": 5, "beta": 0.8},
        ],
    },
}


class Project:
    """A copy of the project with a tiny study in it."""

    def __init__(self, folder: Path, config: dict):
        self.folder = folder
        self.results = folder / "results" / config["experiment"]
        self.config = folder / "tiny.yaml"
        self.config.write_text(yaml.safe_dump(config))
        self.python = sys.executable
        self.environment: dict[str, str] = {}

    def command(self, *arguments: str, cores: int = 2) -> list[str]:
        snakemake = [str(self.python), "-m", "snakemake", *arguments]
        return [*snakemake, "--cores", str(cores), "--configfile", str(self.config)]

    def run(self, *arguments: str, cores: int = 2, **environment: str) -> subprocess.CompletedProcess:
        """Run Snakemake; its output, both streams, is in ``stdout``."""
        return subprocess.run(
            self.command(*arguments, cores=cores),
            cwd=self.folder,
            env=os.environ | self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=500,
        )

    def finish(self, *arguments: str, cores: int = 2) -> str:
        """Run Snakemake, which must succeed; its output."""
        done = self.run(*arguments, cores=cores)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def planned(self, *arguments: str) -> dict[str, int]:
        """Jobs by rule that a dry run announces."""
        output = self.finish(*arguments, "--dry-run", "--quiet", "reason")
        table = re.search(r"^job +count\n-+ +-+\n(.*?)\ntotal ", output, re.MULTILINE | re.DOTALL)
        if table is None:
            assert "Nothing to be done" in output, output
            return {}
        return {rule: int(count) for rule, count in (line.split() for line in table[1].splitlines())}

    def kill_when(self, ready: Callable[[], bool], *arguments: str) -> None:
        """Start Snakemake, SIGKILL it and all its jobs once ``ready``, and unlock the folder."""
        process = subprocess.Popen(
            self.command(*arguments, cores=1), cwd=self.folder, start_new_session=True, stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 240
        while not ready():
            assert process.poll() is None, "the run ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.finish("--unlock")


def copy_project(folder: Path, config: dict) -> Project:
    """A copy with what the compiler has cached, so that not every copy compiles the solver again."""
    folder.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("*.tmp.*"))
        else:
            shutil.copy2(source, folder / part)
    return Project(folder, config)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project in which nothing has run."""
    return copy_project(tmp_path / "project", TINY)


@pytest.fixture(scope="session")
def finished_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = copy_project(tmp_path_factory.mktemp("finished") / "project", TINY)
    project.finish()
    return project


@pytest.fixture
def finished(finished_once: Project, tmp_path: Path) -> Project:
    """A project of one's own in which the whole tiny study has run."""
    shutil.copytree(finished_once.folder, tmp_path / "project")
    return Project(tmp_path / "project", TINY)
