"""Scores of samples against slow computations of their definitions, and on samples whose scores are known."""

import numpy as np
import pytest
import torch
from aespectra.summary import quality
from aespectra.summary.quality import NEIGHBOURS, frechet, manifolds, memorisation, nearest, sharpness
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist


def points(n: int, f: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.gamma(2, 0.5, (n, f)) @ rng.normal(size=(f, f))


def by_definition(real: np.ndarray, samples: np.ndarray) -> dict[str, float]:
    of_real, of_samples = (np.sort(cdist(each, each), axis=1)[:, NEIGHBOURS] for each in (real, samples))
    between = cdist(real, samples)
    return {
        "precision": (between <= of_real[:, None]).any(axis=0).mean(),
        "recall": (between <= of_samples[None]).any(axis=1).mean(),
        "density": (between <= of_real[:, None]).sum(axis=0).mean() / NEIGHBOURS,
        "coverage": (between.min(axis=1) <= of_real).mean(),
    }


@pytest.mark.parametrize("f", [1, 3, 8])
def test_frechet_is_its_definition(f):
    a, b = points(200, f), points(150, f, 1) + 0.2
    of_a, of_b = np.atleast_2d(np.cov(a.T)), np.atleast_2d(np.cov(b.T))
    expected = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum() + np.trace(of_a + of_b - 2 * sqrtm(of_a @ of_b).real)
    assert frechet(a, b) == pytest.approx(expected, rel=1e-9)
    assert frechet(b, a) == pytest.approx(expected, rel=1e-9)


def test_frechet_of_fewer_points_than_features():
    a = points(10, 20)
    assert frechet(a, a) == pytest.approx(0, abs=1e-6 * np.trace(np.cov(a.T)))
    assert frechet(a, a + 3) == pytest.approx(9 * 20, rel=1e-5)
    a[:, 3] = 0  # a feature that is always off
    assert np.isfinite(frechet(a, points(12, 20, 1)))


@pytest.mark.parametrize("block", [7, 1 << 22])
def test_manifolds_are_their_definitions(block, monkeypatch):
    monkeypatch.setattr(quality, "BLOCK", block * 40)
    real, samples = np.split(points(100, 3), [60])
    expected = by_definition(real, samples * 2)
    assert all(0.1 < value < 1 for value in expected.values())
    assert manifolds(torch.from_numpy(real), torch.from_numpy(samples * 2)) == pytest.approx(expected)


def test_manifolds_of_copies_of_half_and_of_far_points():
    real = torch.from_numpy(points(80, 3))
    assert manifolds(real, real) == pytest.approx(
        {"precision": 1, "recall": 1, "density": by_definition(real.numpy(), real.numpy())["density"], "coverage": 1}
    )
    half = manifolds(real, real[real[:, 0] > real[:, 0].median()])
    assert half["precision"] == 1
    assert half["coverage"] < 0.8
    assert manifolds(real, real + 1e3) == {"precision": 0, "recall": 0, "density": 0, "coverage": 0}


def test_many_points_are_thinned(monkeypatch):
    monkeypatch.setattr(quality, "PAIRS", 30)
    real, samples = np.split(points(59 + 88, 2), [59])
    expected = by_definition(real[::2], samples[::3])
    assert manifolds(torch.from_numpy(real), torch.from_numpy(samples)) == pytest.approx(expected)


@given(seed=st.integers(0, 99), n=st.integers(1, 30), m=st.integers(1, 30))
def test_nearest_is_the_least_distance(seed, n, m):
    a, b = points(n, 4, seed), points(m, 4, seed + 1)
    distance, index = nearest(torch.from_numpy(a), torch.from_numpy(b))
    np.testing.assert_allclose(distance, cdist(a, b).min(axis=1), rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(np.linalg.norm(a - b[index.numpy()], axis=1), distance, rtol=1e-6, atol=1e-6)


def test_memorisation_of_copies_of_held_out_and_of_noise():
    held_out = np.random.default_rng(0).gamma(3, size=500)
    assert memorisation(np.zeros(100), held_out) == 1
    assert memorisation(held_out, held_out) == 0.5
    assert memorisation(np.full(100, 1e9), held_out) == 0
    of_samples = np.random.default_rng(1).gamma(2, size=80)
    nearer = (of_samples[:, None] < held_out[None]).mean() + (of_samples[:, None] == held_out[None]).mean() / 2
    assert memorisation(of_samples, held_out) == pytest.approx(nearer)


@pytest.mark.parametrize("side", [8, 9, 28])
def test_sharpness_is_the_power_of_high_frequencies(side):
    rng = np.random.default_rng(0)
    noise = rng.random((1500, side * side))  # more than one block
    # Parseval: white noise of variance σ² has σ²/side² at every frequency
    along = np.fft.fftfreq(side)
    share = np.mean([max(abs(u), abs(v)) >= quality.CUT for u in along for v in along])
    assert sharpness(noise) == pytest.approx(share / 12, rel=0.02)
    assert sharpness(np.full((3, side * side), 0.7)) == pytest.approx(0, abs=1e-20)
    _, x = np.mgrid[:side, :side]
    slow, fast = (np.cos(2 * np.pi * k * x / side).reshape(1, -1) for k in (1, side // 2))
    assert sharpness(slow) == pytest.approx(0, abs=1e-20)
    assert sharpness(fast) == pytest.approx((fast**2).mean())
    assert sharpness(fast.reshape(1, side, side).transpose(0, 2, 1).reshape(1, -1)) == pytest.approx((fast**2).mean())
