"""A run that is killed loses only what was being made, and nothing half-made is used."""

from pathlib import Path

import yaml

from .conftest import TINY, Project, copy_project


def made(project: Project, pattern: str) -> dict[str, tuple[int, bytes]]:
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in project.results.glob(pattern)}


def test_resume_after_sigkill_in_training(project: Project) -> None:
    # long enough to be caught in the middle of the second
    project.config.write_text(yaml.safe_dump(TINY | {"training": {"epochs": 100}}))
    models = "models/**/*.safetensors"

    def second_is_training() -> bool:
        training = [log for log in project.results.glob("logs/train/**/*.log") if "training begins" in log.read_text()]
        return len(training) == 2

    project.kill_when(second_is_training, "summary")
    before = made(project, models)
    assert len(before) == 1
    project.finish("summary")
    after = made(project, models)
    assert len(after) == 4
    assert {name: after[name] for name in before} == before


def test_resume_after_sigkill_in_spectra(project: Project, tmp_path: Path) -> None:
    config = TINY | {"evaluation": TINY["evaluation"] | {"samples": 1797}, "latent_dims": [12, 14]}
    project.config.write_text(yaml.safe_dump(config))

    def second_is_writing() -> bool:
        slabs = list(project.results.glob("spectra/**/*.nc"))
        return len(slabs) == 1 and any(project.results.glob("spectra/**/*.nc.part"))

    project.kill_when(second_is_writing, "summary")
    before = made(project, "spectra/**/*.nc") | made(project, "models/**/*.safetensors")
    project.finish("summary")
    after = made(project, "spectra/**/*.nc") | made(project, "models/**/*.safetensors")
    assert {name: after[name] for name in before} == before
    assert not list(project.results.glob("**/*.part"))

    undisturbed = copy_project(tmp_path / "undisturbed", config)
    undisturbed.finish("summary")
    expected = made(undisturbed, "spectra/**/*.nc")
    assert {name: bits for name, (_, bits) in made(project, "spectra/**/*.nc").items()} == {
        name: bits for name, (_, bits) in expected.items()
    }


def test_a_failed_job_says_why_and_keeps_the_rest(project: Project) -> None:
    config = TINY | {"training": {"epochs": 2, "learning_rate": 1e30, "optimizer": "SGD"}}
    project.config.write_text(yaml.safe_dump(config))
    done = project.run("summary", "--keep-going")
    assert done.returncode == 1
    assert "lower training.learning_rate (now 1e+30)" in done.stdout
    assert not list(project.results.glob("models/**/*.safetensors"))
    assert len(list(project.results.glob("datasets/*.nc"))) == 4
