"""Penalties of the latents against independent computations, and what each of them sees."""

import math

import numpy as np
import ot
import pytest
import torch
from aespectra.models.penalties import cramer_wold as cramer_wold_module
from aespectra.models.penalties.cramer_wold import cramer_wold, kummer
from aespectra.models.penalties.distances import pair_distances, squared_distances
from aespectra.models.penalties.epps_pulley import END, epps_pulley
from aespectra.models.penalties.kl import kl
from aespectra.models.penalties.mmd import SCALES, mmd
from aespectra.models.penalties.priors import directions, draw
from aespectra.models.penalties.quantiles import mismatch, of_gaussian, sorted_of
from aespectra.models.penalties.sliced_wasserstein import sliced_wasserstein
from scipy import integrate, special, stats

pytestmark = pytest.mark.long  # families are trained, statistics drawn many times

DIMENSIONS = [1, 2, 5, 8]


def samples(seed: int, n: int = 40, d: int = 3, prior: str = "gaussian") -> torch.Tensor:
    """(n, d) float64 of a prior; leaves the generator of the tests as it was."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return draw(prior, torch.empty(n, d, dtype=torch.float64))


# what is drawn


@pytest.mark.parametrize("prior", ["gaussian", "uniform"])
def test_priors_are_standardised(prior):
    z = samples(0, 100_000, 3, prior).numpy()
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=0.02)
    np.testing.assert_allclose(np.cov(z.T), np.eye(3), atol=0.02)
    expected = stats.norm if prior == "gaussian" else stats.uniform(-math.sqrt(3), 2 * math.sqrt(3))
    assert stats.kstest(z[:2000, 1], expected.cdf).pvalue > 0.01


def test_an_unknown_prior_is_refused():
    with pytest.raises(ValueError, match=r"^there is no prior 'cauchy'; allowed are gaussian, uniform\.$"):
        draw("cauchy", torch.empty(2, 2))


def test_directions_are_uniform_on_the_sphere():
    torch.manual_seed(0)
    found = directions(50_000, torch.empty(1, 3, dtype=torch.float64)).numpy()
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1)
    # Archimedes: each coordinate of the sphere in three dimensions is uniform
    assert stats.kstest(found[:2000, 2], stats.uniform(-1, 2).cdf).pvalue > 0.01


# values


def test_distances_are_those_of_numpy():
    a, b = samples(0, 7), samples(1, 9)
    expected = ((a.numpy()[:, None] - b.numpy()[None]) ** 2).sum(axis=-1)
    np.testing.assert_allclose(squared_distances(a, b), expected, atol=1e-13)
    assert squared_distances(1e3 + a.float(), 1e3 + a.float()).min() >= 0
    upper = np.triu_indices(7, 1)
    np.testing.assert_allclose(pair_distances(a), np.linalg.norm(a[upper[0]] - a[upper[1]], axis=1), atol=1e-13)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_divergence_is_that_of_the_densities(d):
    mean, log_variance = samples(0, 5, d), samples(1, 5, d)
    one = torch.distributions.Normal(mean, (log_variance / 2).exp())
    expected = torch.distributions.kl_divergence(one, torch.distributions.Normal(0.0, 1.0)).sum(dim=1).mean()
    torch.testing.assert_close(kl(mean, log_variance), expected)

    def integrand(x):
        p = stats.norm(mean[0, 0], math.exp(log_variance[0, 0] / 2))
        return p.pdf(x) * (p.logpdf(x) - stats.norm.logpdf(x))

    by_hand, _ = integrate.quad(integrand, -30, 30, limit=200)
    assert kl(mean[:1, :1], log_variance[:1, :1]).item() == pytest.approx(by_hand, rel=1e-7)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_discrepancy_is_the_unbiased_one_by_brute_force(d):
    z, prior = samples(0, 9, d) * 1.3, samples(1, 7, d)

    def kernel(x, y):
        return sum(2 * d * s / (2 * d * s + float(((x - y) ** 2).sum())) for s in SCALES)

    n, m = len(z), len(prior)
    zz = [kernel(z[i], z[j]) for i in range(n) for j in range(n) if i != j]
    pp = [kernel(prior[i], prior[j]) for i in range(m) for j in range(m) if i != j]
    zp = [kernel(x, y) for x in z for y in prior]
    unbiased = sum(zz) / (n * n - n) + sum(pp) / (m * m - m) - 2 * sum(zp) / (n * m)
    assert mmd(z, prior).item() == pytest.approx(unbiased, rel=1e-12)
    # the other U-statistic, which leaves the pairs of equal index out of the cross term too, has the same expectation
    both = [mmd(samples(2 * i, 9, d) + 1, samples(2 * i + 1, 9, d)).item() for i in range(400)]
    other = [_without_equal_indices(samples(2 * i, 9, d) + 1, samples(2 * i + 1, 9, d)) for i in range(400)]
    assert np.mean(both) == pytest.approx(np.mean(other), rel=0.05)


def _without_equal_indices(x: torch.Tensor, y: torch.Tensor) -> float:
    """Gretton et al. 2012, equation 4: the mean of h over the pairs i ≠ j."""
    n, d = x.shape

    def k(a, b):
        squared = torch.cdist(a, b) ** 2
        return sum(2 * d * s / (2 * d * s + squared) for s in SCALES)

    h = k(x, x) + k(y, y) - k(x, y) - k(y, x)
    return float((h.sum() - h.diagonal().sum()) / (n * n - n))


@pytest.mark.parametrize("d", DIMENSIONS)
def test_sliced_distance_is_that_of_pot(d):
    z, prior = samples(0, 40, d) * 2 + 1, samples(1, 40, d)
    torch.manual_seed(3)
    u = directions(30, z)
    expected = ot.sliced_wasserstein_distance(z.numpy(), prior.numpy(), projections=u.T.numpy()) ** 2
    assert sliced_wasserstein(z, prior, u).item() == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_epps_pulley_is_the_integral(d):
    z = samples(0, 25, d) * 1.2 + 0.3
    torch.manual_seed(3)
    u = directions(6, z)

    def misfit(t, projected):
        return abs(np.exp(1j * t * projected).mean() - math.exp(-t * t / 2)) ** 2 * math.exp(-t * t / 2)

    projections = (u @ z.T).numpy()
    parts = [integrate.quad(misfit, -END, END, args=(each,), epsabs=1e-12)[0] for each in projections]
    assert epps_pulley(z, u).item() == pytest.approx(25 * np.mean(parts), rel=2e-3)
    # over the whole line it has a closed form; beyond END there is little
    whole = [_epps_pulley(each) for each in projections]
    assert epps_pulley(z, u).item() == pytest.approx(np.mean(whole), rel=0.02)


def _epps_pulley(x: np.ndarray) -> float:
    """n ∫ |φ_n(t) − exp(−t²/2)|² exp(−t²/2) dt, integrated term by term."""
    pairs = np.exp(-(np.subtract.outer(x, x) ** 2) / 2).mean()
    return len(x) * math.sqrt(2 * math.pi) * (pairs - math.sqrt(2) * np.exp(-(x**2) / 4).mean() + 1 / math.sqrt(3))


@pytest.mark.parametrize("d", DIMENSIONS)
def test_quantiles_are_those_of_scipy(d):
    n = 60
    expected = of_gaussian(n, d, torch.float64, torch.device("cpu"))
    levels = (np.arange(n) + 0.5) / n
    np.testing.assert_allclose(stats.chi2(d).cdf(expected.radii.numpy() ** 2), levels, rtol=1e-9)
    np.testing.assert_allclose(stats.norm.cdf(expected.coordinates.numpy()), levels[None], rtol=1e-9)
    pairs = n * (n - 1) // 2
    levels = (np.arange(pairs) + 0.5) / pairs
    np.testing.assert_allclose(stats.chi2(d).cdf(expected.distances.numpy() ** 2 / 2), levels, rtol=1e-9)

    z = samples(0, n, d) * 1.5
    ours = sorted_of(z)
    found = mismatch(ours, expected)
    mine = np.sort(np.linalg.norm(z, axis=1))
    assert found["radii"].item() == pytest.approx(np.mean((mine - expected.radii.numpy()) ** 2), rel=1e-12)
    own = [ot.wasserstein_1d(z[:, j].numpy(), expected.coordinates[0].numpy(), p=2) for j in range(d)]
    assert found["coordinates"].item() == pytest.approx(np.mean(own), rel=1e-10)
    own = ot.wasserstein_1d(pair_distances(z).numpy(), expected.distances.numpy(), p=2)
    assert found["distances"].item() == pytest.approx(own, rel=1e-10)


@pytest.mark.parametrize("d", range(1, 65))
def test_kummers_function_is_that_of_scipy(d):
    s = np.concatenate([[0], np.logspace(-8, 4, 3000), np.linspace(0, 50, 1001)])
    points = torch.from_numpy(s).requires_grad_()
    value = kummer(points, d)
    (slope,) = torch.autograd.grad(value.sum(), points)
    assert np.abs(value.detach().numpy() - special.hyp1f1(0.5, d / 2, -s)).max() < 1e-7
    assert np.abs(slope.numpy() + special.hyp1f1(1.5, d / 2 + 1, -s) / d).max() < 1e-7
    assert torch.isfinite(kummer(torch.tensor([1e12, torch.inf]), d)).all()
    assert torch.isnan(kummer(torch.tensor([torch.nan]), d)).all()


def test_kummers_function_has_closed_forms():
    s = np.linspace(0, 300, 4001)
    np.testing.assert_allclose(kummer(torch.from_numpy(s), 1), np.exp(-s), atol=1e-12)
    np.testing.assert_allclose(kummer(torch.from_numpy(s), 2), special.i0e(s / 2), atol=1e-12)
    found = kummer(torch.from_numpy(s).float(), 8)
    np.testing.assert_allclose(found, special.hyp1f1(0.5, 4, -s), atol=5e-7)


@pytest.mark.parametrize("d", [2, 3])
def test_cramer_wold_is_the_mean_distance_of_smoothed_projections(d):
    z = samples(0, 12, d).numpy() * 1.3 + 0.4
    n = len(z)
    width = (4 / (3 * n)) ** 0.4
    grid = np.linspace(-15, 15, 6001)
    if d == 2:
        angle = (np.arange(64) + 0.5) / 64 * np.pi
        lines, weights = np.stack([np.cos(angle), np.sin(angle)], axis=1), np.full(64, 1 / 64)
    else:  # Gauss-Legendre along the axis, even angles around it
        height, height_weights = np.polynomial.legendre.leggauss(24)
        around = (np.arange(48) + 0.5) / 48 * 2 * np.pi
        ring = np.sqrt(1 - height**2)[:, None]
        parts = (ring * np.cos(around), ring * np.sin(around), np.broadcast_to(height[:, None], (24, 48)))
        lines = np.stack(parts, axis=-1).reshape(-1, 3)
        weights = np.repeat(height_weights / 2, 48) / 48
    target = stats.norm(0, math.sqrt(1 + width)).pdf(grid)
    total = 0.0
    for line, weight in zip(lines, weights, strict=True):
        smoothed = stats.norm.pdf(grid[:, None], (z @ line)[None], math.sqrt(width)).mean(axis=1)
        total += weight * integrate.trapezoid((smoothed - target) ** 2, grid)
    found = cramer_wold(torch.from_numpy(z)).item() / (2 * math.sqrt(math.pi))
    assert found == pytest.approx(total, rel=1e-6)


# what each of them sees

SIZE, MANY = 256, 6
"""Points of a batch, and batches averaged over."""


def _penalties(z: torch.Tensor, seed: int) -> dict[str, float]:
    """Every penalty that compares a sample with N(0, I); samples and directions are the same for the same seed."""
    prior = samples(10_000 + seed, *z.shape)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        u = directions(64, z)
    found = {
        "mmd": mmd(z, prior),
        "sliced_wasserstein": sliced_wasserstein(z, prior, u),
        "epps_pulley": epps_pulley(z, u),
        "cramer_wold": cramer_wold(z),
    }
    found |= mismatch(sorted_of(z), of_gaussian(*z.shape, z.dtype, z.device))
    return {name: value.item() for name, value in found.items()}


def _mean_penalties(change, d: int) -> dict[str, float]:
    each = [_penalties(change(samples(seed, SIZE, d)), seed) for seed in range(MANY)]
    return {name: float(np.mean([values[name] for values in each])) for name in each[0]}


def _correlated(z: torch.Tensor) -> torch.Tensor:
    """Of variance 1, all correlations ½."""
    return math.sqrt(0.5) * (z + samples(98, len(z), 1))


def _mixture(z: torch.Tensor) -> torch.Tensor:
    """Two clusters along the first axis."""
    centres = torch.zeros_like(z)
    centres[:, 0] = torch.where(torch.arange(len(z)) % 2 == 0, 1.5, -1.5)
    return z + centres


def _with_hole(z: torch.Tensor) -> torch.Tensor:
    radii = z.norm(dim=1, keepdim=True)
    return z / radii * radii.clamp_min(radii.median())


def _heavy(z: torch.Tensor) -> torch.Tensor:
    """Student's t of 3 degrees of freedom, standardised, by the same ranks."""
    t = stats.t(3).ppf(stats.norm.cdf(z.numpy())) / math.sqrt(3)
    return torch.from_numpy(t)


CHANGES = {
    "shift": lambda z: z + 0.5,
    "scale": lambda z: 1.4 * z,
    "shrinkage": lambda z: 0.7 * z,
    "correlation": _correlated,
    "mixture": _mixture,
    "hole": _with_hole,
    "heavy tails": _heavy,
}

BLIND = {("distances", "shift"), ("coordinates", "correlation")}
"""What a penalty cannot see alone: distances do not say where a sample lies, nor coordinates how they hang together."""


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("d", [2, 8])
def test_penalties_grow_away_from_the_prior(d, change):
    at_prior = [_penalties(samples(seed, SIZE, d), seed) for seed in range(MANY)]
    away = _mean_penalties(CHANGES[change], d)
    for name, value in away.items():
        if (name, change) not in BLIND:
            mean, spread = (f([values[name] for values in at_prior]) for f in (np.mean, np.std))
            assert value > mean + 1.5 * spread, name


@pytest.mark.long
@pytest.mark.parametrize("d", [2, 5, 8])
def test_penalties_are_small_at_the_prior_and_least_at_scale_1(d):
    scales = np.linspace(0.9, 1.1, 21)
    curves = [_mean_penalties(lambda z, scale=scale: scale * z, d) for scale in scales]
    for name in curves[0]:
        values = [each[name] for each in curves]
        assert scales[np.argmin(values)] == pytest.approx(1, abs=0.031), name
    at_prior = curves[10]
    assert abs(at_prior["mmd"]) < 0.01
    assert at_prior["sliced_wasserstein"] < 0.05
    # √(2π)(1 − 1/√3) less what lies beyond END
    assert at_prior["epps_pulley"] == pytest.approx(1.05, abs=0.45)
    assert at_prior["cramer_wold"] < 0.02
    assert max(at_prior[name] for name in ("radii", "distances", "coordinates")) < 0.02


def test_the_usual_approximation_is_not_least_at_scale_1(monkeypatch):
    """Which is why φ is taken exactly: with (1 + 4s/(2d−3))^(−1/2) the least lies at .66 where d = 2."""
    monkeypatch.setattr(cramer_wold_module, "kummer", lambda s, d: (1 + 4 * s / (2 * d - 3)) ** -0.5)
    scales = np.linspace(0.5, 1.1, 25)
    values = [np.mean([cramer_wold(scale * samples(i, SIZE, 2)).item() for i in range(MANY)]) for scale in scales]
    assert scales[np.argmin(values)] < 0.75


# gradients

GRADIENTS = {
    "kl": lambda z, prior, u: kl(z, z.roll(1, 0).tanh()),
    "mmd": lambda z, prior, u: mmd(z, prior),
    "sliced_wasserstein": sliced_wasserstein,
    "epps_pulley": lambda z, prior, u: epps_pulley(z, u),
    "cramer_wold": lambda z, prior, u: cramer_wold(z),
    "radii": lambda z, prior, u: mismatch(sorted_of(z), sorted_of(prior))["radii"],
    "distances": lambda z, prior, u: mismatch(sorted_of(z), sorted_of(prior))["distances"],
    "coordinates": lambda z, prior, u: mismatch(sorted_of(z), sorted_of(prior))["coordinates"],
}


@pytest.mark.parametrize("name", GRADIENTS)
@pytest.mark.parametrize("d", DIMENSIONS)
def test_gradients_are_those_of_finite_differences(d, name):
    z, prior = samples(0, 11, d), samples(1, 11, d)
    torch.manual_seed(2)
    u = directions(5, z)
    for scale in (1.0, 30.0):  # far from the prior as well, where training may begin
        points = (scale * z).requires_grad_()
        assert torch.autograd.gradcheck(lambda x: GRADIENTS[name](x, prior, u), points, atol=1e-7, rtol=1e-4)
        (gradient,) = torch.autograd.grad(GRADIENTS[name](points, prior, u), points)
        assert gradient.abs().max() > 0


@pytest.mark.parametrize("name", GRADIENTS)
def test_coinciding_latents_have_finite_gradients(name):
    points = torch.zeros(6, 3, requires_grad=True)
    prior = samples(1, 6, 3).float()
    torch.manual_seed(2)
    GRADIENTS[name](points, prior, directions(5, points)).backward()
    assert points.grad.isfinite().all()


def test_an_epoch_may_leave_one_image_for_its_last_batch():
    """Then what is said within a sample is left out, and the rest is as the formulas have it."""
    z = samples(4, 1, 3).requires_grad_()
    prior = samples(5, 1, 3)
    constants = 6 * torch.tensor(SCALES, dtype=torch.float64)
    expected = -2 * (constants / (constants + (z - prior).square().sum())).sum()
    torch.testing.assert_close(mmd(z, prior), expected)
    found = mismatch(sorted_of(z), sorted_of(prior))
    torch.testing.assert_close(found["radii"], (z.norm() - prior.norm()).square())
    assert found["distances"] == 0


@pytest.mark.parametrize("name", GRADIENTS)
def test_a_single_latent_has_finite_gradients(name):
    z = samples(4, 1, 3).requires_grad_()
    found = GRADIENTS[name](z, samples(5, 1, 3), directions(5, z))
    assert found.isfinite()
    if name != "distances":  # of which there is none
        (gradient,) = torch.autograd.grad(found, z)
        assert gradient.isfinite().all()
