"""Both spectra of any pair of modules at any points, in memory: for networks and images that no workflow made."""

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
from ..models.probe import PROBED, check_weights, copied, probe
from .compute import BLOCKS, spectra_that_fit
from .slab import ALL, JACOBIANS

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
        below sqrt(d·eps) of their largest are 0, of J_L those below d·eps of its largest. Condition numbers and local
        dimensions follow from these.

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
    network = network_of(encoder, decoder, device, precision)
    return _labelled([found for _points, found in blocks_of(network, x, geometry)])


def blocks_of(
    network: Network, x: Points | Iterable[Any], geometry: bool = False
) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    """Points, as many at a time as fit, and all that ``compute.block_spectra`` says of them.

    Raises
    ------
    ValueError
        Network or points are not as ``spectra`` takes them, or there are no points.
    """
    progress = Progress("spectra", len(x) if isinstance(x, Points) else None, "points")
    size, seen = BLOCKS[network.like.device.type], 0
    for batch in _batches(x, network.like.dtype):
        start = 0
        if not seen:
            probe(network, torch.from_numpy(batch[:PROBED]).to(network.like.device))
        while start < len(batch):
            block = batch[start : start + size]
            found = spectra_that_fit(network, block, geometry)
            done = len(found["latent_norm"])
            if done < len(block):
                size = done
            start, seen = start + done, seen + done
            yield block[:done], found
            progress.advance(done)
    if not seen:
        raise ValueError("x has no points.")


def network_of(encoder: nn.Module, decoder: nn.Module, device: str, precision: str) -> Network:
    """Copies of both, in one, on a device; errors as of ``spectra``."""
    if precision not in ("float32", "float64"):
        raise ValueError(f"precision is {precision!r}; allowed are float32 and float64.")
    network = Network()
    for name, module in (("encoder", encoder), ("decoder", decoder)):
        if not isinstance(module, nn.Module):
            raise ValueError(f"{name} is of type {type(module).__name__}; it must be a torch.nn.Module.")
        check_weights(name, module)
        setattr(network, name, copied(module))
    check_mode(network)
    return network.to(choose_device(device), getattr(torch, precision))


def _batches(x: Points | Iterable[Any], dtype: torch.dtype) -> Iterator[np.ndarray]:
    if not isinstance(x, Points | Iterable):
        raise ValueError(f"x is of type {type(x).__name__}; it must be a tensor, an array, or batches of such.")
    shape = None
    for batch in [x] if isinstance(x, Points) else x:
        points = batch[0] if isinstance(batch, tuple | list) and len(batch) else batch
        points = points.values if isinstance(points, xr.DataArray) else points
        if np.ma.is_masked(points):
            raise ValueError("x is masked in places; all of its values must be there.")
        if isinstance(points, np.ndarray):
            try:
                points = torch.from_numpy(np.ascontiguousarray(points))
            except TypeError as error:
                raise ValueError(f"x has values of type {points.dtype}; they must be floats that torch has.") from error
        if not isinstance(points, torch.Tensor):
            raise ValueError(f"x has points of type {type(points).__name__}; they must be in tensors or arrays.")
        if not points.is_floating_point() or points.dim() < 2:
            what = f"x has points of shape {tuple(points.shape)} and dtype {points.dtype}"
            raise ValueError(f"{what}; they must be (n, …) floats, as the encoder was trained with.")
        shape = shape or points.shape[1:]
        if points.shape[1:] != shape:
            raise ValueError(
                f"x has points of shape {tuple(points.shape[1:])} after others of {tuple(shape)}; of batches with "
                "something else beside the points these must come first, in a tuple or list."
            )
        # in blocks, as a copy of all of them in another precision might not fit
        for block in points.detach().split(BLOCKS["cuda"]):
            yield block.cpu().to(dtype).numpy()


def _labelled(parts: list[dict[str, np.ndarray]]) -> xr.Dataset:
    data = {}
    for name in parts[0]:
        label = name
        if name == "eigenvalue":
            label = "eigenvalues"
            dims: tuple[str, ...] = ("jacobian", "sample", "eigenvalue")
            about = "eigenvalues by decreasing norm, positive imaginary part first"
        else:
            _, all_dims, about = ALL[name]
            dims = tuple(each for each in all_dims if each != "dataset")
        values = np.concatenate([part[name] for part in parts], axis=dims.index("sample"))
        data[label] = (dims, values, {"long_name": about, "units": "1"})
    return xr.Dataset(data, {"jacobian": list(JACOBIANS)})
