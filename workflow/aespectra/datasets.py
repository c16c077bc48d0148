"""Evaluation sets: pixel noise drawn block by block, and the netCDF file that every set is kept in.

A set is a netCDF-4 file with one variable ``pixel`` (sample, pixel), values in [0, 1] after decoding:
float32 for continuous noise, bytes for Bernoulli noise and (with a scale_factor) for images.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import netCDF4
import numpy as np

from .files import provenance, written_whole

BLOCK = 1000
"""Samples that share one random stream; part of the definition of the data, so never change it."""


def draw_block(spec: dict, seed: int, block: int, pixels: int) -> np.ndarray:
    """Block number ``block`` of a noise set, made without any other block.

    Every pixel is independent. The stream is Philox (Salmon et al., SC'11) keyed by (seed, name of the set) with the
    block's number in the highest word of its counter, so streams of different blocks never meet.

    Parameters
    ----------
    spec : an entry of the config key evaluation.sets that has ``distribution``
    seed : evaluation.seed
    block : number of the block, from 0
    pixels : pixels per sample

    Returns
    -------
    (BLOCK, pixels) array in [0, 1], uint8 for Bernoulli noise, else float32
    """
    key = hashlib.sha256(f"{seed}/{spec['name']}".encode()).digest()[:16]
    stream = np.random.Philox(key=int.from_bytes(key, "little"), counter=block << 192)
    rng = np.random.Generator(stream)
    shape = (BLOCK, pixels)
    match spec["distribution"]:
        case "bernoulli":
            return (rng.random(shape) < spec["p"]).astype(np.uint8)
        case "uniform":
            values = spec["low"] + (spec["high"] - spec["low"]) * rng.random(shape)
        case "beta":
            values = rng.beta(spec["alpha"], spec["beta"], shape)
        case "truncated_normal":
            values = _truncated_normal(spec["mean"], spec["std"], rng.random(shape))
        case other:
            raise ValueError(f"evaluation set '{spec['name']}': no distribution is called '{other}'")
    return values.astype(np.float32)


def _truncated_normal(mean: float, std: float, uniform: np.ndarray) -> np.ndarray:
    """Inverse distribution function of a normal truncated to [0, 1]; scipy's truncnorm.ppf, 50 times as fast."""
    from scipy.special import ndtr, ndtri  # only here: its import would slow every job that reads a set

    low, high = -mean / std, (1 - mean) / std
    if (high - low) * max(-low, high, 1) < 1e-9:  # so wide that it is flat on [0, 1]
        return uniform
    if low > 0:  # reflect: the lower tail keeps its digits where the upper one rounds to 1
        return 1 - _truncated_normal(1 - mean, std, uniform)
    if high < -30:  # the probabilities underflow: scipy works with their logarithms
        from scipy.stats import truncnorm

        return truncnorm.ppf(uniform, low, high, mean, std)
    return np.clip(mean + std * ndtri(ndtr(low) + (ndtr(high) - ndtr(low)) * uniform), 0, 1)


def draw(spec: dict, seed: int, pixels: int, start: int, stop: int) -> np.ndarray:
    """Samples ``start`` to ``stop`` of a noise set, (stop - start, pixels); see draw_block."""
    first, last = start // BLOCK, (stop - 1) // BLOCK
    blocks = [draw_block(spec, seed, block, pixels) for block in range(first, last + 1)]
    return np.concatenate(blocks)[start - first * BLOCK : stop - first * BLOCK]


def noise_blocks(spec: dict, seed: int, pixels: int, samples: int) -> Iterator[np.ndarray]:
    """The whole noise set, a block at a time."""
    for start in range(0, samples, BLOCK):
        yield draw(spec, seed, pixels, start, min(start + BLOCK, samples))


def write_dataset(path: Path, name: str, blocks: Iterable[np.ndarray], config: dict, full_scale: float = 1.0) -> None:
    """Stream ``blocks`` of samples, each (n, pixels) of one dtype, into a netCDF-4 file.

    Parameters
    ----------
    path : file to make, whole or not at all
    name : name of the set, kept as attribute ``dataset``
    blocks : arrays (n, pixels), whose values divided by ``full_scale`` lie in [0, 1]
    config : what made the set, kept as attribute
    full_scale : stored value that stands for 1 (255 for bytes of an image); kept as scale_factor
    """
    with written_whole(path) as part, netCDF4.Dataset(part, "w") as file:
        samples, total = 0, 0.0
        for block in blocks:
            if samples == 0:
                variable = _create_pixels(file, block, full_scale)
            variable[samples : samples + len(block)] = block
            samples += len(block)
            total += block.sum(dtype=np.float64) / full_scale
        attributes = provenance(f"Evaluation set {name}", config)
        file.setncatts(attributes | {"dataset": name, "mean_pixel": total / (samples * block.shape[1])})


def _create_pixels(file: netCDF4.Dataset, block: np.ndarray, full_scale: float) -> netCDF4.Variable:
    file.createDimension("sample", None)
    file.createDimension("pixel", block.shape[1])
    variable = file.createVariable(
        "pixel", block.dtype, ("sample", "pixel"), chunksizes=(BLOCK, block.shape[1]), fletcher32=True, fill_value=False
    )
    variable.setncatts({"long_name": "pixel brightness, 0 black, 1 white", "units": "1"})
    if full_scale != 1:
        variable.scale_factor = 1 / full_scale
        variable.set_auto_maskandscale(False)  # the blocks are stored values already
    return variable


class Pixels:
    """The samples of one dataset file, read in slices: ``pixels[start:stop]`` is float32 (n, pixels) in [0, 1]."""

    def __init__(self, path: str | Path):
        self._file = netCDF4.Dataset(path)
        self._file.set_auto_mask(False)  # 255, white in an image, would pass for netCDF's fill value of bytes
        self.name: str = self._file.dataset
        self.mean_pixel = float(self._file.mean_pixel)

    def __len__(self) -> int:
        return self._file.dimensions["sample"].size

    @property
    def pixels(self) -> int:
        """Pixels per sample."""
        return self._file.dimensions["pixel"].size

    def __getitem__(self, samples: slice) -> np.ndarray:
        return self._file["pixel"][samples].astype(np.float32)

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> "Pixels":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
