"""A run that is killed loses only what was being made, and nothing half-made is used."""

from pathlib import Path

import yaml

from .conftest import TINY, Project, copy_project


def made(project: Project, pattern: str) -> dict[str, tuple[int, bytes]]:
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in project.results.glob(pattern)}


def of_networks(pattern: str, latent_dims: list[int]) -> list[str]:
    """Files of all networks, as targets: what would be made of them is not looked at here."""
    return [pattern.format(f"d{latent_dim}_seed{seed}") for latent_dim in latent_dims for seed in (0, 1)]


def test_resume_after_sigkill_in_training(project: Project) -> None:
    # long enough to be caught in the middle of the second
    project.config.write_text(yaml.safe_dump(TINY | {"training": {"epochs": 100}}))
    models = "models/**/*.safetensors"
    targets = of_networks("results/tiny/models/autoencoder/{}.safetensors", TINY["latent_dims"])

    def second_is_training() -> bool:
        training = [log for log in project.results.glob("logs/train/**/*.log") if "training begins" in log.read_text()]
        return len(training) == 2

    project.kill_when(second_is_training, *targets)
    before = made(project, models)
    assert len(before) == 1
    project.finish(*targets)
    after = made(project, models)
    assert len(after) == 4
    assert {name: after[name] for name in before} == before


def test_resume_after_sigkill_in_spectra(project: Project, tmp_path: Path) -> None:
    config = TINY | {"evaluation": TINY["evaluation"] | {"samples": 1797}, "latent_dims": [12, 14]}
    project.config.write_text(yaml.safe_dump(config))
    targets = of_networks("results/tiny/spectra/autoencoder/{}.nc", config["latent_dims"])

    def second_is_writing() -> bool:
        slabs = list(project.results.glob("spectra/**/*.nc"))
        return len(slabs) == 1 and any(project.results.glob("spectra/**/*.nc.*.part"))

    project.kill_when(second_is_writing, *targets)
    before = made(project, "spectra/**/*.nc") | made(project, "models/**/*.safetensors")
    project.finish(*targets)
    after = made(project, "spectra/**/*.nc") | made(project, "models/**/*.safetensors")
    assert {name: after[name] for name in before} == before
    assert not list(project.results.glob("**/*.part"))

    undisturbed = copy_project(tmp_path / "undisturbed", config)
    undisturbed.finish(*targets)
    expected = made(undisturbed, "spectra/**/*.nc")
    assert {name: bits for name, (_, bits) in made(project, "spectra/**/*.nc").items()} == {
        name: bits for name, (_, bits) in expected.items()
    }


def test_a_failed_job_says_why_and_keeps_the_rest(project: Project) -> None:
    config = TINY | {"training": {"epochs": 2, "learning_rate": 1e30, "optimizer": "SGD"}}
    project.config.write_text(yaml.safe_dump(config))
    done = project.run("summary", "--keep-going")
    assert done.returncode == 1
    assert "lower the learning rate, now 1e+30. Config key training.learning_rate" in done.stdout
    assert not list(project.results.glob("models/**/*.safetensors"))
    assert len(list(project.results.glob("datasets/*.nc"))) == 4
