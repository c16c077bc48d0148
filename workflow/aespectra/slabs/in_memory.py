"""Both spectra of any pair of modules at any points, in memory: for networks and images that no workflow made."""

import copy
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
import xarray as xr
from torch import nn

from ..devices import choose_device
from ..linalg.jacobian import check_mode
from ..logs import Progress
from ..models.family import Network
from .compute import BLOCKS, spectra_that_fit
from .slab import GEOMETRY, JACOBIANS, VARIABLES

PROBED = 4
"""Points at which a network is looked at before the work begins."""

Points = torch.Tensor | np.ndarray | xr.DataArray


def spectra(
    encoder: nn.Module,
    decoder: nn.Module,
    x: Points | Iterable[Any],
    device: str = "auto",
    precision: str = "float64",
    geometry: bool = False,
) -> xr.Dataset:
    """Eigenvalues of J_I(x) = D(f_dec ∘ f_enc)(x) and of J_L(z) = D(f_enc ∘ f_dec)(z), z = f_enc(x), at every point.

    Points go through in blocks, so that beside the result little memory is needed. How far it is, and how fast, is
    logged every 20 seconds: ``logging.basicConfig(level="INFO")`` shows it.

    Parameters
    ----------
    encoder, decoder : nn.Module
        (n, …) to (n, d), and back; in eval mode, deterministic, each point for itself. Copies of them are moved to
        device and precision: they are left as they are.
    x : tensor, array, or iterable of such
        (n, …) points of any float dtype, as the encoder takes them. Of an iterable the batches; where a batch is a
        tuple or list, as a DataLoader over images and classes gives, its first entry.
    device : str
        cpu, cuda, or auto: CUDA where there is some.
    precision : str
        float64 or float32, of the arithmetic.
    geometry : bool
        Whether to find singular values too, which takes one and a half to about two times as long.

    Returns
    -------
    xr.Dataset
        ``eigenvalues`` (jacobian, sample, eigenvalue) complex, by decreasing norm, positive imaginary part first; the
        other n − d of J_I are 0. Of each matrix (jacobian, sample): ``zero_eigenvalues``, ``solver_failed`` and
        ``frobenius_norm``, of the d × d matrix; of each point (sample): ``latent_norm``, ``reconstruction_mse`` and
        ``same_activation_pattern``, 0 throughout where modules do what is not known here (docs/library.md). jacobian is
        input (J_I) or latent (J_L). A point that is not finite has nan eigenvalues.

        With ``geometry`` also ``singular_values`` (jacobian, sample, singular_value) and
        ``departure_from_normality`` (jacobian, sample), ‖J‖²_F − Σ|λ|², and ``log_volume`` (sample), ½ ln det of the
        metric that the decoder pulls back, -inf where it is singular. Of J_I, singular values of encoder or decoder
        below sqrt(d·eps) of their largest are 0. Condition numbers and local dimensions follow from these.

        ``to_netcdf`` and ``xr.open_dataset`` take complex numbers with ``auto_complex=True``.

    Raises
    ------
    ValueError
        Encoder, decoder or points are not as said above, in one sentence.
    DeviceNotFoundError
        cuda is asked for and absent.

    Examples
    --------
    A linear autoencoder onto the first two of three coordinates, one of which it halves:

    >>> encoder, decoder = nn.Linear(3, 2, bias=False), nn.Linear(2, 3, bias=False)
    >>> _ = encoder.weight.data.copy_(torch.tensor([[1.0, 0, 0], [0, 0.5, 0]]))
    >>> _ = decoder.weight.data.copy_(torch.eye(3, 2))
    >>> found = spectra(encoder, decoder, torch.rand(100, 3), device="cpu")
    >>> found.eigenvalues.sel(jacobian="input").isel(sample=0).values
    array([1. +0.j, 0.5+0.j])
    """
    if precision not in ("float32", "float64"):
        raise ValueError(f"precision is {precision!r}; allowed are float32 and float64.")
    device = choose_device(device)
    network = _network(encoder, decoder).to(device, getattr(torch, precision))
    total = len(x) if isinstance(x, Points) else None
    progress = Progress("spectra", total, "points")
    parts: list[dict[str, np.ndarray]] = []
    size = BLOCKS[device]
    for batch in _batches(x, getattr(torch, precision)):
        start = 0
        if not parts:
            _probe(network, torch.from_numpy(batch[:PROBED]).to(device))
        while start < len(batch):
            block = batch[start : start + size]
            found = spectra_that_fit(network, block, geometry)
            done = len(found["latent_norm"])
            if done < len(block):
                size = done
            start += done
            parts.append(found)
            progress.advance(done)
    if not parts:
        raise ValueError("x has no points.")
    return _labelled(parts)


def _network(encoder: nn.Module, decoder: nn.Module) -> Network:
    """Copies of both, in one; ValueError if they are no modules, in training mode, or not of finite weights."""
    network = Network()
    for name, module in (("encoder", encoder), ("decoder", decoder)):
        if not isinstance(module, nn.Module):
            raise ValueError(f"{name} is of type {type(module).__name__}; it must be a torch.nn.Module.")
        for of_weight, weight in (*module.named_parameters(), *module.named_buffers()):
            if not torch.isfinite(weight).all():
                raise ValueError(f"the {name}'s {of_weight} has entries that are not finite.")
        setattr(network, name, copy.deepcopy(module))
    check_mode(network)
    return network


def _batches(x: Points | Iterable[Any], dtype: torch.dtype) -> Iterator[np.ndarray]:
    for batch in [x] if isinstance(x, Points) else x:
        points = batch[0] if isinstance(batch, tuple | list) else batch
        points = points.values if isinstance(points, xr.DataArray) else points
        if isinstance(points, np.ndarray):
            points = torch.from_numpy(np.ascontiguousarray(points))
        if not isinstance(points, torch.Tensor):
            raise ValueError(f"x has points of type {type(points).__name__}; they must be in tensors or arrays.")
        if not points.is_floating_point() or points.dim() < 2:
            what = f"x has points of shape {tuple(points.shape)} and dtype {points.dtype}"
            raise ValueError(f"{what}; they must be (n, …) floats, as the encoder was trained with.")
        # in blocks, as a copy of all of them in another precision might not fit
        for block in points.detach().split(BLOCKS["cuda"]):
            yield block.cpu().to(dtype).numpy()


@torch.no_grad()
def _probe(network: Network, x: torch.Tensor) -> None:
    """ValueError unless both parts map points to points, always the same, and each for itself."""
    z = _probed("encoder", network.encoder, x)
    if z.dim() != 2 or len(z) != len(x):
        raise ValueError(f"the encoder makes {tuple(z.shape)} of {tuple(x.shape)}; it must make (n, d).")
    y = _probed("decoder", network.decoder, z)
    if y.shape != x.shape:
        raise ValueError(f"the decoder makes {tuple(y.shape)} of {tuple(z.shape)}; the points are {tuple(x.shape)}.")


def _probed(name: str, module: nn.Module, points: torch.Tensor) -> torch.Tensor:
    try:
        values = module(points.clone())
    except RuntimeError as error:
        raise ValueError(f"the {name} does not take points of shape {tuple(points.shape)}: {error}") from error
    if not isinstance(values, torch.Tensor):
        raise ValueError(f"the {name} gives a {type(values).__name__}; it must give one tensor.")
    if not _close(module(points.clone()), values):
        raise ValueError(f"the {name} is not deterministic: two calls with the same points give different values.")
    if not _close(module(points[:1].clone()), values[:1]):
        raise ValueError(f"the {name} gives a point another value when others are beside it in the batch.")
    return values


def _close(a: torch.Tensor, b: torch.Tensor) -> bool:
    """But for another order of summation; infinite and nan are what they are."""
    tolerance = torch.finfo(a.dtype).eps ** 0.5
    return a.shape == b.shape and torch.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True)


def _labelled(parts: list[dict[str, np.ndarray]]) -> xr.Dataset:
    data = {}
    for name in parts[0]:
        if name == "eigenvalue":
            dims: tuple[str, ...] = ("jacobian", "sample", "eigenvalue")
            about = "eigenvalues by decreasing norm, positive imaginary part first"
        else:
            _, all_dims, about = (VARIABLES | GEOMETRY)[name]
            dims = tuple(each for each in all_dims if each != "dataset")
        label = f"{name}s" if name in dims else name
        values = np.concatenate([part[name] for part in parts], axis=dims.index("sample"))
        data[label] = (dims, values, {"long_name": about, "units": "1"})
    return xr.Dataset(data, {"jacobian": list(JACOBIANS)})
