"""The library's face: spectra of anybody's modules against dense float64 Jacobians, and what it refuses."""

import copy
import doctest
import subprocess
import sys
from pathlib import Path

import aespectra
import numpy as np
import pytest
import torch
import torch.nn.functional as F
import xarray as xr
from aespectra.devices import DeviceNotFoundError, cuda_present
from aespectra.logs import Progress
from aespectra.slabs import compute, in_memory
from torch import nn

from .dense import dense_jacobians, matched_errors
from .modules import By

LIBRARY = Path(aespectra.__file__).parent

D = 3


def perceptrons(pixels: int = 20) -> tuple[nn.Module, nn.Module]:
    encoder = nn.Sequential(nn.Linear(pixels, 12), nn.ReLU(), nn.Linear(12, D))
    return encoder, nn.Sequential(nn.Linear(D, 12), nn.ReLU(), nn.Linear(12, pixels), nn.Tanh())


def convolutional() -> tuple[nn.Module, nn.Module]:
    """Images (n, 2, 8, 8)."""
    encoder = nn.Sequential(
        nn.Conv2d(2, 4, 3, stride=2, padding=1), nn.BatchNorm2d(4), nn.SiLU(), nn.Flatten(), nn.Linear(64, D)
    )
    decoder = nn.Sequential(
        nn.Linear(D, 64), nn.Unflatten(1, (4, 4, 4)), nn.SiLU(), nn.ConvTranspose2d(4, 2, 4, stride=2, padding=1)
    )
    encoder[1].running_var.copy_(torch.rand(4) + 0.5)
    return encoder.eval(), decoder.eval()


def without_weights() -> tuple[nn.Module, nn.Module]:
    return By(lambda self, x: torch.tanh(x[:, :D])), By(lambda self, z: F.pad(z.exp(), (0, 2)))


def encoder_without_weights() -> tuple[nn.Module, nn.Module]:
    return without_weights()[0], nn.Linear(D, 5)


MODULES = {
    "perceptrons": (perceptrons, (20,)),
    "convolutional": (convolutional, (2, 8, 8)),
    "without weights": (without_weights, (5,)),
    "encoder without weights": (encoder_without_weights, (5,)),
}


@pytest.fixture(params=MODULES)
def network(request) -> tuple[nn.Module, nn.Module, tuple[int, ...]]:
    torch.manual_seed(3)
    make, shape = MODULES[request.param]
    return (*make(), shape)


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_eigenvalues_are_those_of_dense_jacobians(network, precision):
    encoder, decoder, shape = network
    x = torch.rand(30, *shape)
    found = aespectra.spectra(encoder, decoder, x, device="cpu", precision=precision)
    assert dict(found.sizes) == {"jacobian": 2, "sample": 30, "eigenvalue": D}
    assert found["jacobian"].values.tolist() == ["input", "latent"]
    assert found.eigenvalues.dtype == {"float64": np.complex128, "float32": np.complex64}[precision]
    assert all(each.attrs["long_name"] and each.attrs["units"] == "1" for each in found.data_vars.values())
    with torch.no_grad():
        y = decoder(encoder(x))
        latent = encoder(x)
    np.testing.assert_allclose(found.reconstruction_mse, (y - x).square().flatten(1).mean(dim=1), rtol=1e-4)
    np.testing.assert_allclose(found.latent_norm, latent.norm(dim=1), rtol=1e-4)
    assert not found.solver_failed.any()
    encoder, decoder, x = encoder.double(), decoder.double(), x.double()
    for point, mine in zip(x, found.eigenvalues.transpose("sample", "jacobian", "eigenvalue").values, strict=True):
        n = point.numel()
        for values, matrix, size in zip(mine, dense_jacobians(encoder, decoder, point), (n, D), strict=True):
            error, _, others = matched_errors(values, np.linalg.eigvals(matrix.reshape(size, size)))
            assert max(error, others) < {"float64": 1e-10, "float32": 1e-4}[precision]


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_geometry_is_that_of_dense_jacobians(network, precision):
    encoder, decoder, shape = network
    x = torch.rand(12, *shape)
    plain = aespectra.spectra(encoder, decoder, x, device="cpu", precision=precision)
    found = aespectra.spectra(encoder, decoder, x, device="cpu", precision=precision, geometry=True)
    xr.testing.assert_identical(found[list(plain.data_vars)], plain)
    assert set(found.data_vars) - set(plain.data_vars) == {"singular_values", "departure_from_normality", "log_volume"}
    assert found.singular_values.dims == ("jacobian", "sample", "singular_value")
    assert all(each.attrs["long_name"] and each.attrs["units"] == "1" for each in found.data_vars.values())
    encoder, decoder, x = encoder.double(), decoder.double(), x.double()
    bound = {"float64": 1e-7, "float32": 2e-3}[precision]
    for i, point in enumerate(x):
        n = point.numel()
        for jacobian, matrix, size in zip(
            ("input", "latent"), dense_jacobians(encoder, decoder, point), (n, D), strict=True
        ):
            mine, j = found.sel(jacobian=jacobian, sample=i), matrix.reshape(size, size)
            truth = np.linalg.svd(j, compute_uv=False)[:D]
            np.testing.assert_allclose(mine.singular_values, truth, rtol=0, atol=bound * truth[0])
            departure = np.square(j).sum() - np.square(np.abs(np.linalg.eigvals(j))).sum()
            np.testing.assert_allclose(mine.departure_from_normality, departure, atol=bound * np.square(j).sum())
        up = torch.func.jacrev(lambda z: decoder(z[None])[0])(encoder(point[None])[0].detach())
        sizes = torch.linalg.svdvals(up.detach().reshape(n, D))
        np.testing.assert_allclose(
            found.log_volume.sel(sample=i), sizes.log().sum(), atol=1e-6 if bound < 1e-6 else 1e-2
        )


def test_the_network_and_the_points_are_left_as_they_are(network):
    encoder, decoder, shape = network
    before = {name: each.clone() for name, each in (*encoder.state_dict().items(), *decoder.state_dict().items())}
    x = torch.rand(9, *shape)
    kept = x.clone()
    aespectra.spectra(encoder, decoder, x, device="cpu")
    after = dict((*encoder.state_dict().items(), *decoder.state_dict().items()))
    assert all(torch.equal(before[name], after[name]) and before[name].dtype == after[name].dtype for name in before)
    assert torch.equal(x, kept)


def test_points_of_a_graph_and_layers_that_work_in_place():
    torch.manual_seed(0)
    encoder, decoder = perceptrons()
    encoder, plain = (nn.Sequential(nn.ReLU(inplace=each), *copy.deepcopy(encoder)) for each in (True, False))
    x = torch.randn(8, 20, requires_grad=True)
    found = aespectra.spectra(encoder, decoder, 1 * x, device="cpu")
    xr.testing.assert_equal(found, aespectra.spectra(plain, decoder, x.detach(), device="cpu"))


def test_networks_that_note_what_they_compute_are_copied():
    """torch copies no tensors that it has computed."""
    torch.manual_seed(0)

    def noting(self: By, x: torch.Tensor) -> torch.Tensor:
        self.noted = self.parts[0](x)
        return self.noted

    encoder = nn.Sequential(By(noting, nn.Linear(20, 5)), nn.utils.spectral_norm(nn.Linear(5, D)))
    decoder = perceptrons()[1]
    encoder(torch.rand(4, 20)).sum().backward()
    x = torch.rand(3, 20)
    found = aespectra.spectra(encoder.eval(), decoder, x, device="cpu").eigenvalues
    for point, mine in zip(x, found.transpose("sample", "jacobian", "eigenvalue").values, strict=True):
        _, latent = dense_jacobians(encoder, decoder, point)
        assert max(matched_errors(mine[1], np.linalg.eigvals(latent))[::2]) < 1e-5


def test_points_keep_their_digits():
    """A point of many digits is not rounded to float32 on the way."""
    torch.manual_seed(0)
    encoder = nn.Sequential(nn.Linear(4, 2), nn.Tanh(), nn.Linear(2, 2)).double()
    decoder = nn.Linear(2, 4).double()
    x = torch.rand(3, 4, dtype=torch.float64)
    found = aespectra.spectra(encoder, decoder, x, device="cpu")
    with torch.no_grad():
        np.testing.assert_allclose(found.latent_norm, encoder(x).norm(dim=1), rtol=1e-14)


def test_all_forms_of_points_give_the_same(network):
    encoder, decoder, shape = network
    x = torch.rand(50, *shape)
    expected = aespectra.spectra(encoder, decoder, x, device="cpu")
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, torch.zeros(50)), batch_size=16)
    transposed = np.asfortranarray(x.numpy())
    named = xr.DataArray(x.numpy())
    for form in (x.numpy(), x.double(), transposed, named, loader, iter(x.split(7)), [x.numpy()[:20], x[20:]]):
        found = aespectra.spectra(encoder, decoder, form, device="cpu")
        xr.testing.assert_allclose(found, expected, rtol=1e-9)
    half = aespectra.spectra(encoder, decoder, x.half(), device="cpu")
    xr.testing.assert_allclose(half, aespectra.spectra(encoder, decoder, x.half().double(), device="cpu"))
    assert aespectra.spectra(encoder, decoder, x.bfloat16(), device="cpu").sizes["sample"] == 50


def test_less_memory_only_makes_smaller_blocks(network, monkeypatch):
    encoder, decoder, shape = network
    x = torch.rand(50, *shape)
    expected = aespectra.spectra(encoder, decoder, x, device="cpu")
    sizes = []

    def narrow(network, block, with_geometry):
        sizes.append(len(block))
        if len(block) > 8:
            raise MemoryError
        return block_spectra(network, block)

    block_spectra = compute.block_spectra
    monkeypatch.setattr(compute, "block_spectra", narrow)
    found = aespectra.spectra(encoder, decoder, x, device="cpu")
    xr.testing.assert_allclose(found, expected, rtol=1e-9)
    assert sizes == [50, 25, 12, 6, 6, 6, 6, 6, 6, 6, 6, 2]


def test_it_is_kept_and_read_again(network, tmp_path):
    encoder, decoder, shape = network
    found = aespectra.spectra(encoder, decoder, torch.rand(5, *shape), device="cpu")
    found.to_netcdf(tmp_path / "mine.nc", auto_complex=True)
    with xr.open_dataset(tmp_path / "mine.nc", auto_complex=True) as kept:
        xr.testing.assert_identical(kept.load(), found)


def test_a_point_that_is_not_finite_spoils_no_other():
    torch.manual_seed(0)
    encoder, decoder = perceptrons()
    x = torch.rand(6, 20)
    expected = aespectra.spectra(encoder, decoder, x, device="cpu").eigenvalues
    x[2, 5] = torch.nan
    found = aespectra.spectra(encoder, decoder, x, device="cpu").eigenvalues
    others = [0, 1, 3, 4, 5]
    xr.testing.assert_allclose(found.isel(sample=others), expected.isel(sample=others))
    assert np.isnan(found.sel(jacobian="latent").isel(sample=2)).all()


class Noisy(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x[:, :D] + torch.randn(len(x), D)


class OverTheBatch(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x[:, :D] - x[:, :D].mean(dim=0)


class Two(nn.Module):
    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return x[:, :D], x[:, :D]


class Complex(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.randn(11, dtype=torch.cfloat))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.fft.irfft(torch.fft.rfft(x) * self.factor, n=20)[:, :D]


class Asserting(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        assert x.shape[1] == 28
        return x[:, :D]


def with_nan(module: nn.Module) -> nn.Module:
    with torch.no_grad():
        module[2].bias[1] = torch.nan
    return module


def with_infinite_variance() -> nn.Module:
    norm = nn.BatchNorm1d(20).eval()
    norm.running_var[4] = torch.inf
    return nn.Sequential(norm, *perceptrons()[0])


ENCODER, DECODER = perceptrons()
X = torch.rand(10, 20)
REFUSED = {
    "noise": (Noisy(), DECODER, X, "the encoder is not deterministic"),
    "batch": (OverTheBatch(), DECODER, X, "the encoder gives a point another value when others are beside it"),
    "batch of the decoder": (ENCODER, nn.Sequential(OverTheBatch(), DECODER), X, "the decoder gives a point another"),
    "two tensors": (Two(), DECODER, X, "the encoder gives a tuple; it must give one tensor"),
    "training": (nn.Sequential(ENCODER, nn.Dropout()), DECODER, X, "of type Dropout is in training mode"),
    "nan": (ENCODER, with_nan(perceptrons()[1]), X, "the decoder's 2.bias has entries that are not finite"),
    "statistics": (with_infinite_variance(), DECODER, X, "the encoder's 0.running_var has entries that are not finite"),
    "function": (lambda x: x, DECODER, X, "encoder is of type function; it must be a torch.nn.Module"),
    "latents": (nn.Unflatten(1, (4, 5)), DECODER, X, r"the encoder makes \(4, 4, 5\) of \(4, 20\); it must make"),
    "images": (ENCODER, DECODER, X.view(10, 4, 5), r"does not take points of shape \(4, 4, 5\)"),
    "width": (ENCODER, perceptrons(19)[1], X, r"decoder makes \(4, 19\) of \(4, 3\); the points are \(4, 20\)"),
    "bytes": (ENCODER, DECODER, (255 * X).byte(), r"shape \(10, 20\) and dtype torch\.uint8"),
    "one point": (ENCODER, DECODER, X[0], r"shape \(20,\) and dtype torch\.float32"),
    "complex": (Complex(), DECODER, X, "the encoder's factor is complex; weights must be real"),
    "nothing": (ENCODER, DECODER, None, "x is of type NoneType; it must be a tensor, an array, or batches of such"),
    "an empty batch": (ENCODER, DECODER, [()], "points of type tuple"),
    "long doubles": (ENCODER, DECODER, X.numpy().astype(np.longdouble), "x has values of type (float128|longdouble)"),
    "masked": (ENCODER, DECODER, np.ma.masked_less(X.numpy(), 0.5), "x is masked in places"),
    "another width": (ENCODER, DECODER, [X, X[:, :13]], r"shape \(13,\) after others of \(20,\)"),
    "an assertion": (Asserting(), DECODER, X, r"encoder does not take points of shape \(4, 20\): assert 20 == 28"),
    "text": (ENCODER, DECODER, ["a"], "points of type str"),
    "no points": (ENCODER, DECODER, [], "x has no points"),
    "none in an array": (ENCODER, DECODER, X[:0], "x has no points"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_in_one_sentence(name):
    encoder, decoder, x, sentence = REFUSED[name]
    with pytest.raises(ValueError, match=sentence):
        aespectra.spectra(encoder, decoder, x, device="cpu")


def test_precision_and_device():
    with pytest.raises(ValueError, match=r"precision is 'float16'; allowed are float32 and float64\."):
        aespectra.spectra(ENCODER, DECODER, X, precision="float16")
    if not cuda_present():
        with pytest.raises(DeviceNotFoundError):
            aespectra.spectra(ENCODER, DECODER, X, device="cuda")


def test_progress_is_logged_with_a_total_and_without(caplog, monkeypatch):
    caplog.set_level("INFO")
    aespectra.spectra(ENCODER, DECODER, X, device="cpu")
    assert "spectra: 10 of 10 points" in caplog.text
    monkeypatch.setattr(Progress.__init__, "__defaults__", (0.0,))
    aespectra.spectra(ENCODER, DECODER, iter(X.split(5)), device="cpu")
    assert "spectra: 5 points, " in caplog.text
    assert "spectra: 10 points, " in caplog.text
    assert "None" not in caplog.text


def test_examples():
    found = doctest.testmod(in_memory, extraglobs={"nn": nn, "torch": torch})
    assert found.attempted >= 4
    assert found.failed == 0


def test_the_face():
    for name in aespectra.__all__:
        assert getattr(aespectra, name) is not None
    assert dir(aespectra) == aespectra.__all__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        aespectra.nothing  # noqa: B018
    code = "import sys, aespectra; print('torch' in sys.modules, 'xarray' in sys.modules)"
    found = subprocess.check_output([sys.executable, "-c", code], text=True, cwd=LIBRARY.parent)
    assert found.split() == ["False", "False"]


def test_pictures_are_of_what_is_given():
    from matplotlib.figure import Figure

    found = aespectra.spectra(ENCODER, DECODER, X, device="cpu")
    ax = Figure().subplots()
    values = found.eigenvalues.sel(jacobian="input")
    assert aespectra.plot.plane(values, ax) is ax
    drawn = ax.collections[0].get_offsets()
    np.testing.assert_allclose(drawn, np.stack([values.values.real.ravel(), values.values.imag.ravel()], axis=1))
    assert [patch.get_radius() for patch in ax.patches] == [1]
    # of every point both of a pair, and of many points as many of either
    pairs = np.arange(20_000)[:, None] + np.array([1j, -1j])
    first, again = (
        aespectra.plot.plane(xr.DataArray(pairs), Figure().subplots()).collections[0].get_offsets() for _ in "12"
    )
    assert len(np.unique(first, axis=0)) == len(first) == 20_000
    assert (first[:, 1] > 0).mean() == pytest.approx(0.5, abs=0.02)
    np.testing.assert_array_equal(first, again)
    holes = xr.DataArray(np.array([1j, np.nan, 2]))
    assert len(aespectra.plot.plane(holes, Figure().subplots()).collections[0].get_offsets()) == 2
    of_norms = aespectra.plot.norms(found.eigenvalues, Figure().subplots())
    assert [text.get_text() for text in of_norms.get_legend().get_texts()] == ["$J_I$", "$J_L$"]
    assert of_norms.get_xscale() == "log"
    assert len(aespectra.plot.norms(values, Figure().subplots()).lines) == 2  # the density, and |λ| = 1


def test_norms_are_those_of_each_jacobian_but_zeros():
    from matplotlib.figure import Figure

    rng = np.random.default_rng(0)
    sizes = np.stack([10 ** rng.normal(-2, 0.1, 500), 10 ** rng.normal(1, 0.1, 500)]) * np.exp(1j)
    sizes[:, :100] = 0
    sizes[:, 100:120] = np.nan
    both = xr.DataArray(sizes, {"jacobian": ["input", "latent"]}, ("jacobian", "sample"))
    ax = aespectra.plot.norms(both, Figure().subplots())
    peaks = [line.get_xdata()[line.get_ydata().argmax()] for line in ax.lines[:2]]
    assert peaks == pytest.approx([0.01, 10], rel=0.2)
