"""Measures of agreement against slow computations of their definitions, and the tables that they stand in."""

import csv
import math
import subprocess
import sys
import textwrap

import netCDF4
import numpy as np
import ot
import pytest
import torch
from aespectra.models.penalties.cramer_wold import cramer_wold
from aespectra.models.penalties.mmd import mmd
from aespectra.summary import gaussianity
from aespectra.summary.agreement import COLUMNS, REPLICATES, write_agreement, write_prior_agreement, write_table
from aespectra.summary.gaussianity import AFFINE, agreement, henze_zirkler, samples, whitened
from scipy import stats
from scipy.spatial.distance import cdist, pdist

pytestmark = pytest.mark.long  # families are trained, statistics drawn many times

DIMENSIONS = [1, 2, 5]
ROOT = gaussianity.__file__.rpartition("/aespectra/")[0]


def latents(n: int = 90, d: int = 5, seed: int = 0) -> np.ndarray:
    """Skewed, correlated, not centred."""
    rng = np.random.default_rng(seed)
    return rng.gamma(2, 0.5, (n, d)) @ rng.normal(size=(d, d)) + 0.3


def compared_with(z: np.ndarray, prior: str, seed: int) -> np.ndarray:
    """The samples of the prior that ``agreement`` draws."""
    return samples(prior, *z.shape, np.random.default_rng(seed))


@pytest.mark.parametrize("d", DIMENSIONS)
def test_moments_are_their_definitions(d):
    z = latents(d=d)
    n = len(z)
    found = agreement(z, "gaussian", 3)
    centred = z - z.mean(axis=0)
    covariance = centred.T @ centred / n
    products = centred @ np.linalg.inv(covariance) @ centred.T
    assert found["mardia_skewness"] == pytest.approx((products**3).mean(), rel=1e-9)
    assert found["mardia_kurtosis"] == pytest.approx((np.diag(products) ** 2).mean(), rel=1e-9)
    assert found["raw_skewness"] == pytest.approx(((z @ z.T) ** 3).mean(), rel=1e-9)
    assert found["raw_kurtosis"] == pytest.approx((np.diag(z @ z.T) ** 2).mean(), rel=1e-9)
    if d == 1:  # scipy's, of one dimension
        assert found["mardia_skewness"] == pytest.approx(stats.skew(z[:, 0]) ** 2, rel=1e-9)
        assert found["mardia_kurtosis"] == pytest.approx(stats.kurtosis(z[:, 0], fisher=False), rel=1e-9)
    assert found["total_variance"] == pytest.approx(np.trace(covariance))
    assert found["mean_norm"] == pytest.approx(np.linalg.norm(z.mean(axis=0)))
    spectrum = np.linalg.svd(centred, compute_uv=False) ** 2 / n
    assert (found["covariance_max"], found["covariance_min"]) == pytest.approx((spectrum[0], spectrum[-1]))


@pytest.mark.parametrize("d", DIMENSIONS)
def test_henze_zirkler_is_its_definition(d):
    z = latents(d=d)
    n = len(z)
    inverse = np.linalg.inv(np.atleast_2d(np.cov(z.T, bias=True)))
    between = cdist(z, z, "mahalanobis", VI=inverse) ** 2
    centre = cdist(z, z.mean(axis=0)[None], "mahalanobis", VI=inverse)[:, 0] ** 2
    b = (1 / math.sqrt(2)) * ((2 * d + 1) * n / 4) ** (1 / (d + 4))
    expected = n * (
        np.exp(-(b**2) / 2 * between).mean()
        - 2 * (1 + b**2) ** (-d / 2) * np.exp(-(b**2) / (2 * (1 + b**2)) * centre).mean()
        + (1 + 2 * b**2) ** (-d / 2)
    )
    assert henze_zirkler(z) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_distribution_functions_are_compared_as_by_scipy(d):
    z = latents(d=d)
    n = len(z)
    found = agreement(z, "gaussian", 3)
    radii, distances = np.linalg.norm(z, axis=1), pdist(z)
    assert found["radius_ks"] == pytest.approx(stats.kstest(radii, stats.chi(d).cdf).statistic, abs=1e-12)
    assert found["radius_cvm"] == pytest.approx(stats.cramervonmises(radii, stats.chi(d).cdf).statistic / n)
    each = [stats.kstest(z[:, j], stats.norm.cdf).statistic for j in range(d)]
    assert found["coordinate_ks"] == pytest.approx(np.mean(each), abs=1e-12)
    each = [stats.cramervonmises(z[:, j], stats.norm.cdf).statistic / n for j in range(d)]
    assert found["coordinate_cvm"] == pytest.approx(np.mean(each))
    # at so many quantiles only: the difference in between is at most one step more
    of_pairs = stats.kstest(distances / math.sqrt(2), stats.chi(d).cdf).statistic
    assert of_pairs - 1 / gaussianity.LEVELS <= found["distance_ks"] <= of_pairs
    of_pairs = stats.cramervonmises(distances / math.sqrt(2), stats.chi(d).cdf).statistic / len(distances)
    assert found["distance_cvm"] == pytest.approx(of_pairs, rel=0.01)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_of_the_cube_coordinates_are_uniform_and_radii_those_of_samples(d):
    z = latents(d=d) / 2
    found = agreement(z, "uniform", 3)
    target = compared_with(z, "uniform", 3)
    uniform = stats.uniform(-math.sqrt(3), 2 * math.sqrt(3)).cdf
    each = [stats.kstest(z[:, j], uniform).statistic for j in range(d)]
    assert found["coordinate_ks"] == pytest.approx(np.mean(each), abs=1e-12)
    of_radii = stats.ks_2samp(np.linalg.norm(z, axis=1), np.linalg.norm(target, axis=1)).statistic
    assert abs(found["radius_ks"] - of_radii) <= 1.01 / len(z)
    assert {name for name, value in found.items() if math.isnan(value)} == {"epps_pulley", "cramer_wold"}
    # distances of all pairs beside those of pairs of samples that have no point in common
    among = np.linalg.norm(target[::2] - target[1::2], axis=1) if len(target) % 2 == 0 else None
    levels = np.arange(1, gaussianity.LEVELS) / gaussianity.LEVELS
    shares = np.searchsorted(np.sort(pdist(z)), np.quantile(among, levels), side="right") / len(pdist(z))
    assert found["distance_ks"] == pytest.approx(abs(shares - levels).max(), abs=1e-3)
    assert found["distance_cvm"] == pytest.approx(np.mean((shares - levels) ** 2), rel=1e-2)
    assert found["distance_ks"] > 0.1  # half as wide
    big = compared_with(np.empty((4000, d)), "uniform", 9)
    at_prior = agreement(big, "uniform", 4)
    assert at_prior["distance_ks"] < 0.05
    assert at_prior["mmd"] < 0.002


@pytest.mark.parametrize("d", DIMENSIONS)
@pytest.mark.parametrize("prior", ["gaussian", "uniform"])
def test_distances_to_samples_are_those_of_others(d, prior):
    z = latents(d=d)
    found, target = agreement(z, prior, 3), compared_with(z, prior, 3)
    n = len(z)
    energy = 2 * cdist(z, target).mean() - (cdist(z, z).sum() + cdist(target, target).sum()) / (n * n - n)
    assert found["energy"] == pytest.approx(energy, rel=1e-9)
    one, two = torch.from_numpy(z), torch.from_numpy(target)
    assert found["mmd"] == pytest.approx(mmd(one, two).item(), rel=1e-9)
    if prior == "gaussian":
        assert found["cramer_wold"] == pytest.approx(cramer_wold(one).item(), rel=1e-9)
    many = ot.sliced_wasserstein_distance(z, target, n_projections=4000, seed=1) ** 2
    assert found["sliced_wasserstein"] == pytest.approx(many, rel=1e-8 if d == 1 else 0.2)


def test_epps_pulley_is_the_mean_over_directions():
    z = latents(d=1)
    x = z[:, 0]
    closed = math.sqrt(2 * math.pi) * (
        np.exp(-(np.subtract.outer(x, x) ** 2) / 2).mean()
        - math.sqrt(2) * np.exp(-(x**2) / 4).mean()
        + 1 / math.sqrt(3)
    )
    assert agreement(z, "gaussian", 0)["epps_pulley"] == pytest.approx(closed, rel=0.02)


@pytest.mark.parametrize("block", [64, 1000])
def test_blocks_do_not_matter(monkeypatch, block):
    z = latents()
    whole = agreement(z, "gaussian", 3)
    monkeypatch.setattr(gaussianity, "BLOCK", block)
    assert agreement(z, "gaussian", 3) == pytest.approx(whole, rel=1e-9)


def test_of_many_points_some_make_the_pairs(monkeypatch):
    z = latents(200)
    monkeypatch.setattr(gaussianity, "PAIRS", 50)
    some = agreement(z, "gaussian", 3)
    kept = z[np.linspace(0, 199, 50).astype(int)]
    assert some["henze_zirkler"] == pytest.approx(henze_zirkler(kept))
    assert some["cramer_wold"] == pytest.approx(cramer_wold(torch.from_numpy(kept)).item())


def test_affine_measures_ask_for_the_shape_alone():
    z = latents()
    moved = z @ np.random.default_rng(1).normal(size=(5, 5)) + 7
    one, two = agreement(z, "gaussian", 3), agreement(moved, "gaussian", 3)
    for name in AFFINE:
        assert one[name] == pytest.approx(two[name], rel=1e-6)
    changed = {name for name in one if one[name] != pytest.approx(two[name], rel=1e-6)}
    assert changed == set(one) - set(AFFINE)


def test_a_unit_that_is_constant_is_no_error():
    z = np.hstack([latents(), np.zeros((90, 1))])
    np.testing.assert_allclose(np.cov(whitened(z).T, bias=True), np.eye(5), atol=1e-9)
    found = agreement(z, "gaussian", 3)
    assert found["mardia_kurtosis"] == pytest.approx(agreement(latents(), "gaussian", 3)["mardia_kurtosis"])
    assert found["covariance_min"] == pytest.approx(0, abs=1e-12)
    assert all(math.isfinite(value) for value in found.values())


@pytest.mark.long
def test_true_samples_give_what_is_expected():
    n, d = 2000, 4
    each = [agreement(samples("gaussian", n, d, np.random.default_rng([5, i])), "gaussian", i) for i in range(8)]
    mean = {name: np.mean([one[name] for one in each]) for name in each[0]}
    assert mean["mardia_skewness"] == pytest.approx(d * (d + 1) * (d + 2) / n, rel=0.25)
    assert mean["raw_skewness"] == pytest.approx(d * (d + 2) * (d + 4) / n, rel=0.3)
    assert mean["mardia_kurtosis"] == pytest.approx(d * (d + 2), rel=0.02)
    assert mean["raw_kurtosis"] == pytest.approx(d * (d + 2), rel=0.03)
    assert abs(mean["mmd"]) < 0.002
    assert abs(mean["energy"]) < 0.002
    # n ∫ (1 − exp(−t²)) exp(−t²/2) dt
    assert n * mean["epps_pulley"] == pytest.approx(math.sqrt(2 * math.pi) * (1 - 1 / math.sqrt(3)), rel=0.3)


@pytest.mark.long
def test_memory_does_not_grow_with_the_points():
    code = """
    import resource, sys
    import numpy as np
    from aespectra.summary import gaussianity
    gaussianity.PAIRS = 8_000
    gaussianity.DIRECTIONS = 20
    z = np.random.default_rng(0).normal(size=(8_000, 20))
    gaussianity.agreement(z[:1000], "gaussian", 0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    gaussianity.agreement(z, "gaussian", 0)
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={"PYTHONPATH": ROOT, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) < 250  # the matrix of distances has 512 MB


def rows(path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_tables(tmp_path, monkeypatch):
    monkeypatch.setattr("aespectra.summary.agreement.REPLICATES", 5)
    rng = np.random.default_rng(0)
    parts, files = [], {}
    for family, views in (("vae", ("z", "draw")), ("swae-uniform", ("z",))):
        (tmp_path / "latents" / family).mkdir(parents=True)
        source = tmp_path / "latents" / family / "d3_seed1.nc"
        with netCDF4.Dataset(source, "w") as file:
            file.createDimension("sample_test", 60)
            file.createDimension("latent", 3)
            for view in views:
                values = rng.normal(size=(60, 3)).astype(np.float32)
                files[family, view] = values
                file.createVariable(f"{view}_test", "f4", ("sample_test", "latent"))[:] = values
        parts.append(tmp_path / family / "d3_seed1.csv")
        write_agreement(parts[-1], source, "uniform" if "uniform" in family else "gaussian")
    of_priors = {(prior, 3): tmp_path / f"{prior}_d3.csv" for prior in ("gaussian", "uniform")}
    for (prior, d), path in of_priors.items():
        write_prior_agreement(path, 60, d, prior)
    write_table(tmp_path / "all.csv", parts, {"vae": "gaussian", "swae-uniform": "uniform"}, of_priors)

    found = rows(tmp_path / "all.csv")
    assert tuple(found[0]) == COLUMNS
    measures = list(agreement(files["vae", "z"], "gaussian", 0))
    assert [(row["family"], row["points"], row["measure"]) for row in found] == [
        (family, view, measure) for family, view in files for measure in measures
    ]
    for row in found:
        view = files[row["family"], row["points"]]
        expected = agreement(view, row["prior"], 0)[row["measure"]]
        assert float(row["value"]) == pytest.approx(expected, rel=1e-7, nan_ok=True)
        assert row["question"] == ("affine" if row["measure"] in AFFINE else "prior")
        assert (row["latent_dim"], row["seed"]) == ("3", "1")
    (row,) = [row for row in found if (row["family"], row["points"], row["measure"]) == ("vae", "draw", "energy")]
    draws = [samples("gaussian", 60, 3, np.random.default_rng([3, i])) for i in range(5)]
    values = [agreement(each, "gaussian", 1 + i)["energy"] for i, each in enumerate(draws)]
    assert float(row["prior_mean"]) == pytest.approx(np.mean(values), rel=1e-6)
    assert float(row["prior_low"]) == pytest.approx(np.percentile(values, 2.5), rel=1e-6)
    assert float(row["prior_high"]) == pytest.approx(np.percentile(values, 97.5), rel=1e-6)
    assert REPLICATES == 40
