"""Pixel noise, drawn block by block: the same pixels whatever else is drawn."""

import hashlib
from collections.abc import Iterator

import numpy as np

BLOCK = 1000
"""Samples that share one random stream; part of the definition of the data, so never change it."""


def stream(seed: int, name: str, block: int) -> np.random.Generator:
    """Random numbers of one block of a set.

    Philox (Salmon et al., SC'11) keyed by (seed, name of the set) with the block's number in the highest word of its
    counter, so streams of different blocks never meet.
    """
    key = hashlib.sha256(f"{seed}/{name}".encode()).digest()[:16]
    return np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little"), counter=block << 192))


def draw_block(spec: dict, seed: int, block: int, pixels: int) -> np.ndarray:
    """Block number ``block`` of a noise set, made without any other block.

    Every pixel is independent, of the block's ``stream``.

    Parameters
    ----------
    spec : dict
        ``name`` and ``distribution``, with its parameters: ``bernoulli`` (``p``), ``uniform`` (``low``, ``high``),
        ``beta`` (``alpha``, ``beta``) or ``truncated_normal`` (``mean``, ``std`` of the normal that is cut to [0, 1]).
    seed : int
        Of the streams, at least 0.
    block : int
        Number of the block, from 0.
    pixels : int
        Pixels per sample.

    Returns
    -------
    np.ndarray
        (BLOCK, pixels) in [0, 1], uint8 for Bernoulli noise, else float32.

    Raises
    ------
    ValueError
        The distribution is none of these.
    """
    rng = stream(seed, spec["name"], block)
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
            raise ValueError(f"noise set '{spec['name']}': no distribution is called '{other}'")
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

        return np.clip(truncnorm.ppf(uniform, low, high, mean, std), 0, 1)  # it rounds to -1e-13
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
