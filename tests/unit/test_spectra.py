"""The slab of one autoencoder against a computation point by point."""

import copy
import json

import netCDF4
import numpy as np
import pytest
import torch
import xarray as xr
from aespectra.data import pixels as pixel_files
from aespectra.integrity import BrokenFileError, check_checkpoint
from aespectra.linalg import perceptron
from aespectra.models.autoencoder import Autoencoder
from aespectra.models.checkpoint import load_checkpoint, save_checkpoint
from aespectra.models.families import autoencoder as plain
from aespectra.models.family import Network
from aespectra.slabs import compute as spectra
from aespectra.slabs import slab
from aespectra.slabs.compute import block_spectra, write_slab
from aespectra.slabs.slab import JACOBIANS, VARIABLES, create_slab
from torch import nn
from torch.func import jacrev

from .conftest import SMALL_ARCHITECTURE

KEY = ("autoencoder", 5, 1)
MADE_FOR = {"latent_dim": 5, "seed": 1, "kind": "autoencoder", "autoencoder": SMALL_ARCHITECTURE}
SAMPLES = 35


def ordered(values: np.ndarray) -> list[complex]:
    return sorted(values.tolist(), key=lambda v: (-round(abs(v), 9), -round(v.real, 9), -v.imag))


def point_by_point(model: Autoencoder, x: np.ndarray) -> list[dict]:
    """What a slab keeps of each point, from dense Jacobians in float64."""
    rows = []
    for point in torch.from_numpy(x).double():
        with torch.no_grad():
            z = model.encoder(point)
            y = model.decoder(z)
        down_x, down_y = (jacrev(model.encoder)(p).detach().numpy() for p in (point, y))
        up = jacrev(model.decoder)(z).detach().numpy()
        matrices = [down_x @ up, down_y @ up]
        signs = []
        for h in (point, y):
            signs.append([])
            for layer in model.encoder[:-1]:
                h = layer(h)
                signs[-1] += (h > 0).tolist() if isinstance(layer, nn.ReLU) else []
        values = [ordered(np.linalg.eigvals(matrix)) for matrix in matrices]
        norms = [np.sqrt((matrix**2).sum()) for matrix in matrices]
        rows.append(
            {
                "eigenvalue": values,
                "zero_eigenvalues": [
                    sum(abs(v) <= len(row) * np.finfo(float).eps * norm for v in row)
                    for row, norm in zip(values, norms, strict=True)
                ],
                "solver_failed": [False, False],
                "frobenius_norm": norms,
                "latent_norm": np.sqrt((z.numpy() ** 2).sum()),
                "reconstruction_mse": ((y - point).numpy() ** 2).sum() / len(point),
                "same_activation_pattern": signs[0] == signs[1],
                "reconstruction": y.numpy(),
            }
        )
    return rows


@pytest.fixture(scope="module")
def model(small_checkpoints) -> Autoencoder:
    return load_checkpoint(small_checkpoints[KEY], plain, MADE_FOR | {"image_shape": (64,)})[0].double()


@pytest.fixture(scope="module")
def points(small_datasets) -> list[np.ndarray]:
    """The pixels of every set, read without the library."""
    sets = []
    for path in small_datasets:
        with xr.open_dataset(path) as file:
            sets.append(file["pixel"].values[:SAMPLES].astype(np.float32))
    return sets


@pytest.fixture(scope="module")
def truth(model, points) -> list[list[dict]]:
    return [point_by_point(model, x) for x in points]


def stacked(rows: list[dict], name: str) -> np.ndarray:
    """(jacobian, sample, ...) or (sample, ...)"""
    values = np.array([row[name] for row in rows])
    per_jacobian = name in ("eigenvalue", "zero_eigenvalues", "solver_failed", "frobenius_norm")
    return np.moveaxis(values, 1, 0) if per_jacobian else values


@pytest.fixture(scope="module")
def written(tmp_path_factory, small_checkpoints, small_datasets):
    path = tmp_path_factory.mktemp("slab") / "new" / "slab.nc"
    write_slab(path, small_checkpoints[KEY], plain, MADE_FOR, small_datasets, SAMPLES, {"precision": "float64"})
    return path


@pytest.mark.parametrize("directions", [1, 2, 3, 9])
@pytest.mark.parametrize("batch", [None, 2, 1])
def test_block_is_the_computation_point_by_point(monkeypatch, model, points, truth, batch, directions):
    monkeypatch.setitem(perceptron.DIRECTIONS, "cpu", directions)
    if batch is not None:
        monkeypatch.setitem(perceptron.ROW_BYTES, "cpu", 8 * batch)
    for x, expected in zip(points, truth, strict=True):
        found = block_spectra(model, x)
        assert set(found) == set(expected[0]) - {"reconstruction"}
        for name, values in found.items():
            wanted = stacked(expected, name)
            assert values.shape == wanted.shape, name
            np.testing.assert_allclose(values, wanted, rtol=1e-8, atol=1e-10, err_msg=name)


def test_batches_are_as_large_as_the_bytes_allow(monkeypatch, model, points):
    sizes = []

    def watch(encoder, decoder, x, *rest):
        sizes.append(len(x))
        return fill(encoder, decoder, x, *rest)

    fill = perceptron._fill
    monkeypatch.setattr(perceptron, "_fill", watch)
    monkeypatch.setitem(perceptron.ROW_BYTES, "cpu", 80)
    block_spectra(model, points[0])
    assert sizes == [10, 10, 10, 5]


def test_dead_units_are_counted(model, points):
    """One latent unit without input is one zero of both Jacobians, at every point."""
    maimed = copy.deepcopy(model)
    with torch.no_grad():
        maimed.encoder[-1].weight[2] = 0
    found = block_spectra(maimed, points[0])
    assert (found["zero_eigenvalues"] >= 1).all()
    assert (np.abs(found["eigenvalue"][..., -1]) < 1e-12).all()
    assert (block_spectra(model, points[0])["zero_eigenvalues"] == 0).any()


def test_a_dead_network_has_only_zeros(model, points):
    maimed = copy.deepcopy(model)
    with torch.no_grad():
        maimed.decoder[-2].weight.zero_()
    found = block_spectra(maimed, points[0])
    assert (found["zero_eigenvalues"] == 5).all()
    assert (found["frobenius_norm"] == 0).all()


@pytest.mark.parametrize("precision", [torch.float32, torch.float64])
def test_block_computes_in_the_precision_of_the_network(model, points, precision):
    found = block_spectra(copy.deepcopy(model).to(precision), points[0])
    real, pair = ((np.float32, np.complex64), (np.float64, np.complex128))[precision == torch.float64]
    assert found["eigenvalue"].dtype == pair
    for name in ("frobenius_norm", "latent_norm", "reconstruction_mse"):
        assert found[name].dtype == real


def test_zeros_are_counted_in_the_precision_of_the_network(points):
    """|λ2| = 1e-9·|λ1|: a zero in float32, none in float64."""
    model = Autoencoder((64,), 2, hidden=[2], activation="Identity", output_activation="Identity")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        for layers, scale in ((model.encoder, 1e-9), (model.decoder, 1.0)):
            layers[0].weight[[0, 1], [0, 1]] = 1
            layers[2].weight[[0, 1], [0, 1]] = torch.tensor([1.0, scale])
    assert (block_spectra(model, points[0])["zero_eigenvalues"] == 1).all()
    assert (block_spectra(model.double(), points[0])["zero_eigenvalues"] == 0).all()


def test_slab_holds_the_values_point_by_point(written, truth):
    with netCDF4.Dataset(written) as file:
        file.set_auto_mask(False)
        for index, rows in enumerate(truth):
            for name, (_, dimensions, _) in VARIABLES.items():
                where = (slice(None), index) if dimensions[0] == "jacobian" else (index,)
                found = file[name][where]
                wanted = stacked(rows, name.removesuffix("_real").removesuffix("_imag"))
                if name.startswith("eigenvalue"):
                    wanted = wanted.real if name.endswith("real") else wanted.imag
                if name == "reconstruction":
                    wanted = wanted[:3]
                assert found.shape == wanted.shape, name
                np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-8, err_msg=name)


def test_slab_says_what_it_is(written, small_checkpoints, small_datasets, points):
    made_by = check_checkpoint(small_checkpoints[KEY], {})
    with xr.open_dataset(written) as file:
        assert dict(file.sizes) == {
            "jacobian": 2,
            "dataset": 3,
            "sample": SAMPLES,
            "eigenvalue": 5,
            "example": 3,
            "pixel": 64,
        }
        assert list(file["jacobian"].values) == ["input", "latent"] == list(JACOBIANS)
        assert list(file["dataset"].values) == ["digits", "bernoulli-0.3", "beta-5-0.8"]
        # of the whole set, not of the samples used
        means = []
        for path in small_datasets:
            with xr.open_dataset(path) as pixels:
                means.append(pixels["pixel"].values.astype(float).mean())
        np.testing.assert_allclose(file["mean_pixel"].values, means, rtol=1e-6)
        assert (file.attrs["family"], file.attrs["latent_dim"], file.attrs["seed"]) == KEY
        assert file.attrs["device"] == "cpu"
        assert file.attrs["precision"] == "float64"
        assert file.attrs["Conventions"] == "CF-1.11"
        config = json.loads(file.attrs["config"])
        assert config == made_by | {"spectra": {"precision": "float64"}, "samples": SAMPLES}
        for name in VARIABLES:
            assert file[name].attrs["long_name"]
            assert file[name].attrs["units"] == "1"
            assert "mean_pixel" in file[name].coords


@pytest.mark.parametrize("block", [1, 3, 8, SAMPLES, 1000])
def test_values_do_not_depend_on_the_blocks(tmp_path, monkeypatch, written, small_checkpoints, small_datasets, block):
    """Blocks of any size are written to their own place."""
    monkeypatch.setitem(spectra.BLOCKS, "cpu", block)
    write_slab(
        tmp_path / "slab.nc", small_checkpoints[KEY], plain, MADE_FOR, small_datasets, SAMPLES, {"precision": "float64"}
    )
    with netCDF4.Dataset(written) as one, netCDF4.Dataset(tmp_path / "slab.nc") as two:
        for file in (one, two):
            file.set_auto_mask(False)
        for name in VARIABLES:
            np.testing.assert_allclose(two[name][:], one[name][:], rtol=1e-6, atol=1e-8, err_msg=name)


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_two_runs_make_the_same_bytes(tmp_path, small_checkpoints, small_datasets, precision):
    for name in ("one.nc", "two.nc"):
        write_slab(
            tmp_path / name, small_checkpoints[KEY], plain, MADE_FOR, small_datasets, SAMPLES, {"precision": precision}
        )
        torch.rand(3)
    assert (tmp_path / "one.nc").read_bytes() == (tmp_path / "two.nc").read_bytes()


def test_float32_is_near_float64_and_says_so(tmp_path, written, small_checkpoints, small_datasets):
    write_slab(
        tmp_path / "slab.nc", small_checkpoints[KEY], plain, MADE_FOR, small_datasets, SAMPLES, {"precision": "float32"}
    )
    with xr.open_dataset(tmp_path / "slab.nc") as single, xr.open_dataset(written) as double:
        assert single.attrs["precision"] == "float32"
        assert json.loads(single.attrs["config"])["spectra"] == {"precision": "float32"}
        for name in ("frobenius_norm", "latent_norm", "reconstruction_mse"):
            error = np.abs(single[name].values - double[name].values) / double[name].values
            assert np.quantile(error, 0.95) < 1e-5  # a ReLU at its edge may jump
            assert error.max() > 0  # it was another arithmetic
        largest = np.abs(complex_norm(single) - complex_norm(double)).values[..., 0]
        assert np.quantile(largest, 0.95) < 1e-4


def complex_norm(file: xr.Dataset) -> xr.DataArray:
    return np.hypot(file["eigenvalue_real"], file["eigenvalue_imag"])


def test_eigenvalues_come_by_decreasing_norm(written):
    with xr.open_dataset(written) as file:
        norm = complex_norm(file).values
        assert (np.diff(norm, axis=-1) <= 1e-6 * norm[..., :1]).all()
        # conjugate pairs are next to each other, positive imaginary part first
        imaginary = file["eigenvalue_imag"].values.reshape(-1, 5)
        for row in imaginary:
            pairs = row[row != 0]
            assert (pairs[::2] > 0).all()
            np.testing.assert_array_equal(pairs[::2], -pairs[1::2])
        assert (imaginary != 0).any()


def test_fewer_samples_than_examples(tmp_path, small_checkpoints, small_datasets, truth):
    write_slab(
        tmp_path / "slab.nc", small_checkpoints[KEY], plain, MADE_FOR, small_datasets, 2, {"precision": "float64"}
    )
    with xr.open_dataset(tmp_path / "slab.nc") as file:
        assert file.sizes["example"] == file.sizes["sample"] == 2
        np.testing.assert_allclose(file["reconstruction"].values[1], stacked(truth[1], "reconstruction")[:2], atol=1e-6)


@pytest.mark.parametrize("problem", ["samples", "pixels"])
def test_a_set_that_does_not_fit_is_named_and_leaves_no_slab(tmp_path, small_checkpoints, small_datasets, problem):
    odd = tmp_path / "odd.nc"
    shape = (SAMPLES, 63) if problem == "pixels" else (SAMPLES - 1, 64)
    pixel_files.write_dataset(odd, "odd", [np.zeros(shape, np.float32)], {})
    with pytest.raises(ValueError, match=f"odd.nc has {shape[problem == 'pixels']} {problem}"):
        write_slab(
            tmp_path / "slab.nc",
            small_checkpoints[KEY],
            plain,
            MADE_FOR,
            [*small_datasets, odd],
            SAMPLES,
            {"precision": "float64"},
        )
    assert [path.name for path in tmp_path.iterdir()] == ["odd.nc"]


def test_white_pixels_of_images_are_1(tmp_path):
    """Bytes of 255, from the images to the slab."""
    white = np.full((3, 16), 255, np.uint8)
    pixel_files.write_dataset(tmp_path / "set.nc", "set", [white], {}, 255)
    torch.manual_seed(0)
    model = Autoencoder((16,), 2, hidden=[4])
    config = {"family": "autoencoder", "latent_dim": 2, "seed": 0, "pixels": 16}
    config["autoencoder"] = {"hidden": [4], "activation": "ReLU", "output_activation": "Tanh"}
    made_for = {"latent_dim": 2, "autoencoder": config["autoencoder"]}
    save_checkpoint(tmp_path / "model.safetensors", model, config, "cpu")
    write_slab(
        tmp_path / "slab.nc",
        tmp_path / "model.safetensors",
        plain,
        made_for,
        [tmp_path / "set.nc"],
        3,
        {"precision": "float64"},
    )
    with xr.open_dataset(tmp_path / "slab.nc") as file:
        expected = model(torch.ones(1, 16)).detach().numpy()
        np.testing.assert_allclose(file["reconstruction"].values[0], np.repeat(expected, 3, axis=0), atol=1e-6)


def test_an_empty_slab_has_every_variable(tmp_path):
    with netCDF4.Dataset(tmp_path / "slab.nc", "w") as file:
        create_slab(file, 4, 9, 2, 10_000)
        for name, (dtype, dimensions, _) in VARIABLES.items():
            assert file[name].dimensions == dimensions
            assert file[name].dtype == np.dtype(dtype)
            filters = file[name].filters()
            assert filters["fletcher32"]
            assert filters["zlib"]
            assert np.prod(file[name].chunking()) <= slab.BLOCK * 9
        assert file.dimensions["example"].size == slab.EXAMPLES


def test_a_network_of_another_seed_is_refused_and_leaves_no_slab(tmp_path, small_checkpoints, small_datasets):
    arguments = (plain, MADE_FOR | {"seed": 0}, small_datasets, SAMPLES, {"precision": "float64"})
    with pytest.raises(BrokenFileError, match=r"was made with seed 1, 0 is asked for\.$"):
        write_slab(tmp_path / "slab.nc", small_checkpoints[KEY], *arguments)
    assert not list(tmp_path.iterdir())


def test_an_encoder_need_not_end_in_a_linear_layer(model, points):
    """d is what the encoder gives, whatever its last layer."""
    wrapped = Network()
    wrapped.encoder = nn.Sequential(*model.encoder, nn.Identity())
    wrapped.decoder = model.decoder
    expected = block_spectra(model, points[0])
    for name, values in block_spectra(wrapped, points[0]).items():
        np.testing.assert_allclose(values, expected[name], rtol=1e-12, atol=1e-12, err_msg=name)
