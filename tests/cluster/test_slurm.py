"""The profiles for Slurm: the study, what its jobs ask for, and every way in which a job or the run can end early."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.faults.conftest import SHIM, content, release
from tests.workflow.conftest import TINY, copy_project

from .conftest import ClusterProject, on_cluster, slurm, wait_for

SMALL = TINY | {"latent_dims": [2]}
ENDLESS = SMALL | {"training": {"epochs": 10**6}}
KILLED = ("OUT_OF_MEMORY", "FAILED")  # the second where Slurm has no cgroups
NETWORK = "results/tiny/models/autoencoder/d2_seed{}.safetensors"
IMAGES = "results/tiny/training_images.nc"
NOISE = "results/tiny/datasets/beta-5-0.8.nc"


@pytest.fixture(scope="module", autouse=True)
def hanging(
    cluster: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ClusterProject, subprocess.Popen]]:
    """A run whose only job hangs until its limit of a minute: begun before the other tests, looked at after them."""
    project = on_cluster(tmp_path_factory.mktemp("hanging") / "project", SMALL)
    run = project.start(NETWORK.format(0), "--set-resources", "train:runtime=attempt")
    project.freeze("train.py")
    yield project, run
    run.kill()


def test_the_study_has_the_bits_of_a_local_run(project: ClusterProject, tmp_path: Path) -> None:
    study = ["cube", "figure_2", "--config", "device=cpu"]
    packed, local = on_cluster(tmp_path / "packed", SMALL), copy_project(tmp_path / "local", SMALL)
    project.config.write_text(yaml.safe_dump(SMALL))
    packed.profile = "slurm-gpu"
    runs = {each: each.start(*study) for each in (project, packed)}  # at once, as they mostly wait
    local.finish(*study)
    files = [path.relative_to(local.results) for path in local.results.glob("**/*.*") if path.suffix != ".log"]
    assert len(files) == 2 * 17  # each with its checksum
    for each, run in runs.items():
        assert run.wait(timeout=300) == 0, each.output.read_text()
        for path in files:
            assert (each.results / path).read_bytes() == (local.results / path).read_bytes(), path

    (networks,) = packed.requests("networks")
    assert (networks["NumCPUs"], networks["MinMemoryNode"]) == ("2", "16000M")  # no GPU to wait for: side by side
    asked = {job["Comment"].removeprefix("rule_"): job for job in project.requests()}
    network, noise = ("train_wildcards_autoencoder_2_0", "spectra_wildcards_autoencoder_2_1"), "noise_wildcards_"
    assert len(asked) == 3 + 2 + 2 + 1
    for job in (asked[each] for each in network):
        assert (job["MinMemoryNode"], job["TimeLimit"], job["NumCPUs"]) == ("2000M", "02:00:00", "1")
    for spec in TINY["evaluation"]["sets"]:
        job = asked[noise + spec["name"]]
        assert (job["MinMemoryNode"], job["TimeLimit"], job["NumCPUs"]) == ("1000M", "00:30:00", "1")
    statistics = asked["statistics_wildcards_autoencoder_2"]
    assert (statistics["MinMemoryNode"], statistics["TimeLimit"]) == ("4000M", "01:00:00")
    assert {job["Partition"] for job in asked.values()} == {"main"}
    assert not any("gpu" in job["TRES"] + job.get("TresPerJob", "") for job in asked.values())
    logs = list((project.folder / ".snakemake" / "slurm_logs").glob("**/*.log"))
    assert len(logs) == len(asked)


def test_networks_for_a_gpu_are_submitted_together(project: ClusterProject) -> None:
    project.profile = "slurm-gpu"
    defaults = ["--default-resources", "slurm_partition=other", "mem_mb=1000", "runtime=30"]
    done = project.run("cube", *defaults, "--retries", "0")
    (job,) = project.requests("networks")
    # four networks, each with its spectra: the time of all jobs, the memory of the largest, one GPU
    assert job["TimeLimit"] == "01:00:00"
    assert job["MinMemoryNode"] == "8000M"
    assert job["TresPerJob"] == "gres:gpu:1"
    assert job["Partition"] == "other"
    # the stand-in GPUs are none
    assert done.returncode == 1
    assert "device 'cuda' is asked for, but this machine shows none" in done.stdout


def test_a_job_killed_for_its_memory_gets_more(project: ClusterProject) -> None:
    project.finish(NETWORK.format(0), "--set-resources", "train:mem_mb=200 * attempt ** 3")
    first, *_, last = project.requests("train")
    assert first["MinMemoryNode"] == "200M"
    assert first["JobState"] in KILLED
    assert last["MinMemoryNode"] in ("1600M", "5400M")
    assert last["JobState"] == "COMPLETED"
    assert (project.folder / NETWORK.format(0)).exists()


def test_a_cancelled_job_ends_the_run(project: ClusterProject) -> None:
    project.config.write_text(yaml.safe_dump(ENDLESS))
    run = project.start(NETWORK.format(0), "--retries", "0")
    wait_for(lambda: any(job["JobState"] == "RUNNING" for job in project.requests("train")))
    (job,) = project.requests("train")
    slurm("scancel", job["JobId"])
    assert run.wait(timeout=100) == 1
    assert f"SLURM-job '{job['JobId']}' failed, SLURM status is: 'CANCELLED'" in project.output.read_text()
    assert not project.in_queue()


def test_an_interrupted_run_leaves_no_job(project: ClusterProject) -> None:
    project.config.write_text(yaml.safe_dump(ENDLESS))
    run = project.start(NETWORK.format(0), NETWORK.format(1))
    # in the queue is not enough: the plugin cancels what it knows to be submitted
    wait_for(lambda: project.output.read_text().count("has been submitted with SLURM jobid") == 2)
    run.send_signal(signal.SIGINT)
    assert run.wait(timeout=100) == 1
    wait_for(lambda: not project.in_queue())
    assert {job["JobState"] for job in project.requests()} == {"CANCELLED"}


def test_after_a_kill_nothing_is_made_twice(project: ClusterProject) -> None:
    project.config.write_text(yaml.safe_dump(SMALL))
    run = project.start(NETWORK.format(0), NETWORK.format(1))
    frozen = project.freeze("train.py")
    wait_for(lambda: "Finished jobid" in project.output.read_text().partition("rule_train")[2])
    run.kill()
    run.wait()
    slurm("scancel", *project.in_queue())
    wait_for(lambda: not project.in_queue())
    assert not Path(f"/proc/{frozen}").exists()
    (kept,) = project.results.glob("models/**/*.safetensors")
    before = kept.stat().st_mtime_ns

    project.finish("--unlock")
    project.finish(NETWORK.format(0), NETWORK.format(1))
    assert kept.stat().st_mtime_ns == before
    assert len(list(project.results.glob("models/**/*.safetensors"))) == 2
    assert len(project.requests("train")) == 3


def test_a_job_that_outlived_its_run_and_the_next_run_write_the_same_file(cluster: None, tmp_path: Path) -> None:
    """The head is killed while its job is about to name noise; the job goes on when a second run has made the file."""
    undisturbed = copy_project(tmp_path / "local", SMALL)
    undisturbed.finish(NOISE)
    runs = {}
    for locking in ("TRUE", "FALSE"):  # side by side, as they mostly wait
        project = on_cluster(tmp_path / locking, SMALL)
        project.finish(IMAGES)
        project.environment = {
            "HDF5_USE_FILE_LOCKING": locking,
            "FAULT_COUNTER": str(project.folder / "steps-0"),
            "FAULT_AT": "2",
            "FAULT_WHO": "none",
            "FAULT_PAUSE": "120",
            "PYTHONPATH": f"{SHIM}{os.pathsep}{os.environ['PYTHONPATH']}",
        }
        runs[project] = project.start(NOISE)
    for project, run in runs.items():
        steps = project.folder / "steps-0"
        wait_for(lambda steps=steps: steps.exists() and steps.stat().st_size == 2)
        run.kill()
        run.wait()
        project.environment = {"HDF5_USE_FILE_LOCKING": project.environment["HDF5_USE_FILE_LOCKING"]}
        project.finish("--unlock")
        project.finish(NOISE)
        first, second = project.requests("noise")
        assert (first["JobState"], second["JobState"]) == ("RUNNING", "COMPLETED")
        temporary = [name for name in content(project) if name.endswith(".part")]
        assert len(temporary) == 1
        assert {name: found for name, found in content(project).items() if name not in temporary} == content(
            undisturbed
        )
        release(project)
    for project in runs:
        wait_for(lambda project=project: not project.in_queue())
        assert [job["JobState"] for job in project.requests("noise")] == ["COMPLETED", "COMPLETED"]
        assert content(project) == content(undisturbed)


def test_a_job_killed_by_its_time_gets_more(hanging: tuple[ClusterProject, subprocess.Popen]) -> None:
    project, run = hanging
    assert run.wait(timeout=300) == 0, project.output.read_text()
    first, second = project.requests("train")
    assert (first["JobState"], first["TimeLimit"], first["MinMemoryNode"]) == ("TIMEOUT", "00:01:00", "2000M")
    assert (second["JobState"], second["TimeLimit"], second["MinMemoryNode"]) == ("COMPLETED", "00:02:00", "4000M")
    assert (project.folder / NETWORK.format(0)).exists()
