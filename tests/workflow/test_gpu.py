"""How many jobs share a GPU, on a machine without one: a stand-in for its driver, and jobs that only touch results."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import Project

DRIVER = """
int cuInit(unsigned flags) { return 0; }
int cuDeviceGetCount(int *count) { *count = 1; return 0; }
"""


@pytest.fixture
def gpu(tmp_path: Path) -> dict[str, str]:
    """Environment in which the CUDA driver shows one device."""
    if shutil.which("cc") is None:
        pytest.skip("needs a C compiler, cc, for the stand-in of the driver")
    folder = tmp_path / "driver"
    folder.mkdir()
    (folder / "cuda.c").write_text(DRIVER)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", folder / "libcuda.so.1", folder / "cuda.c"], check=True)
    return {"LD_LIBRARY_PATH": str(folder)}


def most_at_once(project: Project, *arguments: str, **environment: str) -> int:
    """Of the jobs that could use a GPU, with four cores."""
    done = project.run("summary", "--touch", "--forceall", *arguments, cores=4, **environment)
    assert done.returncode == 0, done.stdout
    job = re.compile("^Job .*: (?:Training|Spectra) ", re.MULTILINE)
    at_once = [len(job.findall(batch)) for batch in done.stdout.split("Execute ")]
    assert sum(at_once) == 8
    return max(at_once)


def test_a_gpu_is_shared_by_as_many_jobs_as_resources_say(finished: Project, gpu: dict[str, str]) -> None:
    assert most_at_once(finished, **gpu) == 1
    assert most_at_once(finished, "--resources", "gpu=2", **gpu) == 2
    assert most_at_once(finished, "--config", "device=cpu", **gpu) == 4


def test_the_limit_holds_for_jobs_on_a_gpu_only(finished: Project) -> None:
    nothing = {"CUDA_VISIBLE_DEVICES": ""}
    assert most_at_once(finished, **nothing) == 4
    # submitted from a machine without one, as the nodes of a cluster may have it
    assert most_at_once(finished, "--no-hooks", "--config", "device=cuda", **nothing) == 1
