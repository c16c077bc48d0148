"""Images, small trained networks, evaluation sets and slabs that several unit tests share."""

import os
import resource
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import netCDF4
import numpy as np
import pytest
import torch
import yaml
from aespectra.data import noise as noise_sets
from aespectra.data import pixels as pixel_files
from aespectra.models.autoencoder import Autoencoder
from aespectra.models.checkpoint import save_checkpoint
from aespectra.models.families import autoencoder as plain
from aespectra.models.train import train
from aespectra.slabs import slab
from hypothesis import settings
from sklearn.datasets import load_digits

from .cubes import CONFIG, WRITERS, grid, write_virtual_cube

settings.register_profile("unit", deadline=None, derandomize=True)
settings.load_profile("unit")

ROOT = Path(__file__).parents[2]
MNIST_VARIABLE = "AESPECTRA_MNIST"
ARCHITECTURE = {"hidden": [128, 64, 32], "activation": "ReLU", "output_activation": "Tanh"}
SMALL_ARCHITECTURE = {"hidden": [24, 12], "activation": "ReLU", "output_activation": "Tanh"}
"""Of the networks that learn from the small digits."""
TRAINING = {"epochs": 8, "batch_size": 128, "optimizer": "Adam", "learning_rate": 0.001, "loss": "mse"}


@pytest.fixture(autouse=True)
def same_draws() -> None:
    """Of torch, whatever ran before the test."""
    torch.manual_seed(0)


@pytest.fixture(scope="session")
def mnist_root() -> Path:
    """The folder that torchvision takes as root; what needs it is skipped where none is named."""
    if not os.environ.get(MNIST_VARIABLE):
        pytest.skip(f"needs MNIST: set {MNIST_VARIABLE} to the folder that torchvision takes as root")
    return Path(os.environ[MNIST_VARIABLE])


@pytest.fixture(scope="session")
def mnist(mnist_root) -> np.ndarray:
    """(10000, 784) float32, the MNIST test images, read without the library."""
    raw = (mnist_root / "MNIST" / "raw" / "t10k-images-idx3-ubyte").read_bytes()
    return np.frombuffer(raw, np.uint8, offset=16).reshape(10_000, 784).astype(np.float32) / 255


@pytest.fixture(scope="session")
def big_digits() -> np.ndarray:
    """(1797, 784) float32: scikit-learn's 8 x 8 digits, each pixel as 3 x 3, in a black frame of 2."""
    images = [np.pad(np.kron(image, np.ones((3, 3))), 2) for image in load_digits().images]
    return (np.stack(images).reshape(-1, 784) / 16).astype(np.float32)


@pytest.fixture(scope="session")
def small_digits() -> np.ndarray:
    """(1797, 64) float32: scikit-learn's digits."""
    return (load_digits().data / 16).astype(np.float32)


@pytest.fixture(scope="session")
def study_config() -> dict:
    """config/config.yaml as it stands."""
    return yaml.safe_load((ROOT / "config" / "config.yaml").read_text())


@pytest.fixture(scope="session")
def schema() -> dict:
    return yaml.safe_load((ROOT / "workflow" / "schemas" / "config.schema.yaml").read_text())


@pytest.fixture(scope="session")
def training_images(request, big_digits) -> np.ndarray:
    """What the 784-pixel networks are trained on: MNIST where there is one, else the digits."""
    return request.getfixturevalue("mnist") if os.environ.get(MNIST_VARIABLE) else big_digits


@pytest.fixture(scope="session")
def network(training_images):
    """network(kind, d): a float64 784-pixel autoencoder of the paper, ``random`` or ``trained``."""
    made = {}

    def make(kind: str, latent_dim: int) -> Autoencoder:
        if (kind, latent_dim) not in made:
            if kind == "trained":
                model, _ = train(training_images, latent_dim, 0, plain, ARCHITECTURE, TRAINING)
            else:
                torch.manual_seed(latent_dim)
                model = Autoencoder((784,), latent_dim, **ARCHITECTURE)
            made[kind, latent_dim] = model.double().eval()
        return made[kind, latent_dim]

    return make


@pytest.fixture(scope="session")
def small_checkpoints(tmp_path_factory, small_digits) -> dict[tuple[str, int, int], Path]:
    """Checkpoints of 64-pixel autoencoders trained on the digits, by (family, latent_dim, seed)."""
    folder = tmp_path_factory.mktemp("checkpoints")
    paths = {}
    for latent_dim in (2, 5):
        for seed in (0, 1):
            recipe = TRAINING | {"epochs": 3}
            model, _ = train(small_digits, latent_dim, seed, plain, SMALL_ARCHITECTURE, recipe)
            config = {
                "family": "autoencoder",
                "kind": "autoencoder",
                "latent_dim": latent_dim,
                "seed": seed,
                "images": "digits",
                "pixels": 64,
                "autoencoder": SMALL_ARCHITECTURE,
                "training": recipe,
            }
            paths["autoencoder", latent_dim, seed] = folder / f"d{latent_dim}-seed{seed}.safetensors"
            save_checkpoint(paths["autoencoder", latent_dim, seed], model, config, "cpu")
    return paths


@pytest.fixture(scope="session")
def small_datasets(tmp_path_factory, small_digits) -> list[Path]:
    """Dataset files of 64 pixels: digits as bytes of 16, Bernoulli noise as bytes, Beta noise as floats."""
    folder = tmp_path_factory.mktemp("datasets")
    samples = 40
    noise = [
        {"name": "bernoulli-0.3", "distribution": "bernoulli", "p": 0.3},
        {"name": "beta-5-0.8", "distribution": "beta", "alpha": 5, "beta": 0.8},
    ]
    bytes_ = (small_digits[:samples] * 16).astype(np.uint8)
    pixel_files.write_dataset(folder / "digits.nc", "digits", [bytes_], {"name": "digits"}, 16)
    for spec in noise:
        blocks = noise_sets.noise_blocks(spec, 0, 64, samples)
        pixel_files.write_dataset(folder / f"{spec['name']}.nc", spec["name"], blocks, spec)
    return [folder / "digits.nc", *(folder / f"{spec['name']}.nc" for spec in noise)]


@pytest.fixture
def few_files() -> Iterator[ProcessPoolExecutor]:
    """A process that may have no more than 64 files open, to run a function in."""
    limit = (resource.RLIMIT_NOFILE, (64, 64))
    with ProcessPoolExecutor(1, get_context("spawn"), resource.setrlimit, limit) as pool:
        yield pool


@pytest.fixture(scope="session")
def make_slab():
    """make_slab(path, d, seed, ...): a slab with invented values, some of its eigenvalues zero, without a network."""

    def make(
        path: Path,
        latent_dim: int,
        seed: int,
        names: tuple[str, ...] = ("digits", "uniform", "dark"),
        samples: int = 30,
        pixels: int = 6,
        family: str = "autoencoder",
        geometry: bool = False,
    ) -> Path:
        rng = np.random.default_rng([latent_dim, seed, len(family)])
        path.parent.mkdir(parents=True, exist_ok=True)
        with netCDF4.Dataset(path, "w") as file:
            slab.create_slab(file, latent_dim, pixels, len(names), samples, geometry)
            file.setncatts({"family": family, "latent_dim": latent_dim, "seed": seed})
            file.setncatts({"device": "cpu", "precision": "float64"})
            file["dataset"][:] = np.array(names, dtype=object)
            file["mean_pixel"][:] = [0.125, 0.5, 0.25][: len(names)]
            shape = (2, len(names), samples)
            zeros = rng.choice([0, 0, 0, 1, 2], shape)
            half = (*shape, latent_dim // 2 + 1)
            values = rng.normal(size=half) + 1j * rng.normal(size=half)
            values.imag[rng.random(values.shape) < 0.5] = 0
            spectrum = np.concatenate([values, values.conj()], axis=-1)[..., :latent_dim]
            # conjugates may stand alone here: no reader of a slab relies on pairs
            spectrum = np.take_along_axis(spectrum, np.argsort(-np.abs(spectrum), axis=-1, kind="stable"), axis=-1)
            tiny = np.arange(latent_dim) >= latent_dim - zeros[..., None]
            spectrum = np.where(tiny, spectrum * 1e-18, spectrum)
            file["eigenvalue_real"][:] = spectrum.real
            file["eigenvalue_imag"][:] = spectrum.imag
            file["zero_eigenvalues"][:] = np.minimum(zeros, latent_dim)
            file["solver_failed"][:] = 0
            file["frobenius_norm"][:] = rng.random(shape) * 7
            file["latent_norm"][:] = rng.random(shape[1:]) * 5
            file["reconstruction_mse"][:] = rng.random(shape[1:])
            file["same_activation_pattern"][:] = rng.integers(0, 2, shape[1:])
            examples = file.dimensions["example"].size
            file["reconstruction"][:] = rng.random((len(names), examples, pixels))
            if geometry:
                singular = np.sort(rng.lognormal(size=(*shape, latent_dim)), axis=-1)[..., ::-1]
                file["singular_values"][:] = np.where(tiny, 0, singular)
                file["departure_from_normality"][:] = rng.random(shape) * np.square(singular).sum(axis=-1)
                file["log_volume"][:] = np.where(zeros[0] > 1, -np.inf, rng.normal(size=shape[1:]))
        return path

    return make


@pytest.fixture(scope="module")
def study(tmp_path_factory, make_slab):
    """A folder with slabs and both cubes: (slabs, {form: path})."""
    folder = tmp_path_factory.mktemp("study")
    slabs = grid(folder / "spectra", make_slab)
    cubes = {form: folder / "cubes" / f"{form}.nc" for form in WRITERS}
    for form, write in WRITERS.items():
        write(cubes[form], slabs.values(), CONFIG)
    return slabs, cubes


@pytest.fixture
def own_study(tmp_path, make_slab):
    """The same in a folder that a test may spoil, only the virtual cube."""
    slabs = grid(tmp_path / "study" / "spectra", make_slab)
    write_virtual_cube(tmp_path / "study" / "cube.nc", slabs.values(), CONFIG)
    return slabs, tmp_path / "study" / "cube.nc"


@pytest.fixture
def x() -> torch.Tensor:
    """(5, 12) float64, points for small networks."""
    return torch.from_numpy(np.random.default_rng(0).normal(size=(5, 12)))
