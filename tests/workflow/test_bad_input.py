"""Bad input: one clear sentence that names the key or file, before any job starts."""

import os
import shutil
from pathlib import Path

import pytest
import yaml

from .conftest import TINY, Project


def changed(**keys: object) -> dict:
    return TINY | keys


def with_set(**entry: object) -> dict:
    return changed(evaluation=TINY["evaluation"] | {"sets": [*TINY["evaluation"]["sets"], entry]})


BAD_CONFIGS = {
    "unknown key": (changed(epochs=3), ["config key 'epochs' is unknown", "allowed here are"]),
    "unknown nested key": (changed(training={"epoch": 3}), ["config key 'training.epoch' is unknown", "epochs"]),
    "wrong type": (changed(training={"epochs": "many"}), ["config key 'training.epochs' is 'many'", "integer"]),
    "d of 0": (changed(latent_dims=[0, 2]), ["config key 'latent_dims.0' is 0", "at least 1"]),
    "d above the pixels": (changed(latent_dims=[2, 65]), ["'latent_dims' has 65", "1 to 64"]),
    "duplicate seeds": (changed(seeds=[1, 1]), ["config key 'seeds' lists 1 more than once"]),
    "empty grid": (changed(latent_dims=[]), ["config key 'latent_dims' is empty"]),
    "Beta with alpha 0": (
        with_set(name="flat", distribution="beta", alpha=0, beta=1),
        ["config key 'evaluation.sets.3.alpha' is 0", "above 0"],
    ),
    "Bernoulli with p above 1": (
        with_set(name="coin", distribution="bernoulli", p=1.5),
        ["config key 'evaluation.sets.3.p' is 1.5", "at most 1"],
    ),
    "unknown distribution": (
        with_set(name="bell", distribution="normal"),
        ["config key 'evaluation.sets.3.distribution' is 'normal'", "truncated_normal"],
    ),
    "unknown image set": (
        with_set(name="shirts", torchvision="FashionMINST"),
        ["'FashionMINST'", "FashionMNIST"],
    ),
    "epochs without end": (changed(training={"epochs": 10**18}), ["'training.epochs'", "at most 1000000"]),
    "a long name": (changed(experiment="x" * 300), ["'experiment' has 300 characters", "at most 100"]),
    "images without splits": (changed(images={"name": "EMNIST"}), ["'images.name' is 'EMNIST'", "allowed are mnist"]),
    "kept elsewhere": (changed(kept="../.."), ["config key 'kept' is '../..', where no finished study lies"]),
    "unknown training set": (changed(images={"name": "minst"}), ["config key 'images.name' is 'minst'", "mnist"]),
}


def fails_before_any_job(project: Project, sentence: list[str], **environment: str) -> None:
    done = project.run(**environment)
    assert done.returncode == 1
    for part in sentence:
        assert part in done.stdout
    assert "Traceback" not in done.stdout
    assert "localrule" not in done.stdout
    assert "rule " not in done.stdout


@pytest.mark.parametrize("case", BAD_CONFIGS)
def test_bad_config(project: Project, case: str) -> None:
    config, sentence = BAD_CONFIGS[case]
    project.config.write_text(yaml.safe_dump(config))
    fails_before_any_job(project, sentence)
    assert not project.results.exists()


def test_cuda_asked_for_and_absent(project: Project) -> None:
    project.config.write_text(yaml.safe_dump(changed(device="cuda")))
    fails_before_any_job(project, ["config key 'device' is 'cuda'", "cpu and auto"], CUDA_VISIBLE_DEVICES="")
    assert not project.results.exists()


def test_truncated_slab(finished: Project) -> None:
    slab = finished.results / "spectra" / "autoencoder" / "d3_seed1.nc"
    os.truncate(slab, slab.stat().st_size // 2)
    fails_before_any_job(finished, [f"{slab.relative_to(finished.folder)} is truncated", "delete it and run again"])
    slab.unlink()
    finished.finish("summary")


def test_truncated_checkpoint(finished: Project) -> None:
    checkpoint = finished.results / "models" / "autoencoder" / "d2_seed0.safetensors"
    os.truncate(checkpoint, checkpoint.stat().st_size - 1)
    fails_before_any_job(finished, [f"{checkpoint.relative_to(finished.folder)} is truncated"])


def test_checkpoint_of_another_architecture(finished: Project) -> None:
    finished.config.write_text(yaml.safe_dump(changed(autoencoder={"hidden": [32, 8]})))
    sentence = ["was made with autoencoder.hidden [16, 8], [32, 8] is asked for", "an experiment name of its own"]
    fails_before_any_job(finished, sentence)


def test_missing_mnist_without_network(project: Project) -> None:
    project.config.write_text(yaml.safe_dump(changed(images={"name": "mnist", "root": "nowhere"})))
    nobody_listens = "http://127.0.0.1:9"
    done = project.run(http_proxy=nobody_listens, https_proxy=nobody_listens)
    assert done.returncode == 1
    assert "MNIST is not below 'nowhere'" in done.stdout
    assert "train-images-idx3-ubyte" in done.stdout
    assert "nowhere/MNIST/raw" in done.stdout
    assert "Config key images.root says where; `make demo` needs no download." in done.stdout
    assert "Drawing" not in done.stdout  # nothing else had begun
    assert not list(project.results.glob("**/*.nc"))


@pytest.mark.skipif("AESPECTRA_MNIST" not in os.environ, reason="AESPECTRA_MNIST names no folder that has MNIST/raw")
def test_corrupted_mnist(project: Project, tmp_path: Path) -> None:
    raw = tmp_path / "root" / "MNIST" / "raw"
    shutil.copytree(Path(os.environ["AESPECTRA_MNIST"]) / "MNIST" / "raw", raw, copy_function=shutil.copyfile)
    raw.chmod(0o755)
    with (raw / "train-images-idx3-ubyte").open("r+b") as file:
        file.seek(1_000_000)
        byte = file.read(1)[0]
        file.seek(1_000_000)
        file.write(bytes([byte ^ 1]))
    project.config.write_text(yaml.safe_dump(changed(images={"name": "mnist", "root": str(tmp_path / "root")})))
    fails_before_any_job(project, ["train-images-idx3-ubyte is not the published MNIST file", "delete it"])


def test_a_key_that_stands_twice(project: Project) -> None:
    project.config.write_text(yaml.safe_dump(TINY) + "seeds: [0]\nseeds: [1]\n")
    fails_before_any_job(project, ["config key 'seeds' stands twice in ", "every key may stand once"])


def test_numbers_of_the_command_line(project: Project) -> None:
    assert project.planned("--config", "training={learning_rate: 0.01, epochs: 3}", "seeds=[0]")["train"] == 2


def test_a_file_of_the_users_own_is_left_alone(finished: Project) -> None:
    own = finished.results / "spectra" / "notes.nc"
    own.write_text("mine")
    assert finished.planned() == {}
    assert own.read_text() == "mine"


def test_a_folder_in_the_place_of_a_figure(finished: Project) -> None:
    figure = finished.results / "figures" / "figure_2.png"
    figure.unlink()
    figure.mkdir()
    fails_before_any_job(finished, ["results/tiny/figures/figure_2.png is a folder", "move it away"])


def test_a_figure_of_what_was_not_kept(finished: Project) -> None:
    shutil.move(finished.results, finished.folder / "kept")
    config = changed(experiment="again", kept="kept")
    finished.config.write_text(yaml.safe_dump(config | {"seeds": [0, 5]}))
    fails_before_any_job(
        finished, ["config key 'kept' is 'kept', which has no models/autoencoder/d2_seed5.safetensors"]
    )
    finished.config.write_text(yaml.safe_dump(config | {"evaluation": TINY["evaluation"] | {"samples": 61}}))
    fails_before_any_job(finished, ["config key 'evaluation.samples' asks for 61", "kept/summary.nc", "has 60;"])
    assert "spectra" in finished.planned("cube", "summary")
