"""Dead bottlenecks and shares of few points, held against loops over networks."""

from itertools import product

import numpy as np
import pytest
import xarray as xr
from aespectra.summary.alive import dead_bottlenecks, for_figures, points_defined
from aespectra.summary.file import Summary

SIZES = {"family": 2, "latent_dim": 3, "dataset": 2, "seed": 3, "jacobian": 2}
SAMPLES = 1000


def study(undefined: np.ndarray) -> Summary:
    """Random statistics; ``undefined`` has the dimensions of SIZES."""
    random = np.random.default_rng(0)
    labels = {dim: list(range(size)) for dim, size in SIZES.items()} | {"jacobian": ["input", "latent"]}
    names = ("mean_abs", "reversed_share", "plane_density")
    data = {name: (tuple(SIZES), random.uniform(size=tuple(SIZES.values()))) for name in names}
    by_seed = xr.Dataset(data | {"undefined_share": (tuple(SIZES), undefined)}, labels, {"samples": SAMPLES})
    pooled = by_seed.mean("seed") + 1  # of all points together: something else than the mean of what each has
    pooled["undefined_share"] = by_seed["undefined_share"].mean("seed")
    return Summary(by_seed, pooled.assign(other=("dataset", [1.0, 2.0])))


def undefined_of(rng: np.random.Generator) -> np.ndarray:
    """None dead at the first d, one at the second, all at the third; otherwise a few points without orientation."""
    undefined = rng.uniform(0, 0.3, tuple(SIZES.values()))
    undefined[:, 1, 0, 1, 0] = 0.5
    undefined[:, 2, 0, :, 0] = 1
    return undefined


def test_a_bottleneck_is_dead_by_the_share_of_d_train_under_j_i_alone():
    undefined = np.zeros(tuple(SIZES.values()))
    undefined[0, 1, 0, 2, 0] = 0.5  # dead
    undefined[1, 1, 0, 2, 0] = 0.499
    undefined[1, 0, 1, :, :] = 1  # another set
    undefined[1, 2, 0, :, 1] = 1  # under J_L
    found = dead_bottlenecks(study(undefined).by_seed, 0.5)
    assert found.dims == ("family", "latent_dim", "seed")
    assert np.argwhere(found.values).tolist() == [[0, 1, 2]]


def test_points_are_whole_numbers():
    undefined = np.full(tuple(SIZES.values()), 0.92)
    assert (1 - 0.92) * 100 < 8
    assert (points_defined(study(undefined).by_seed, 100) == 8).all()


@pytest.mark.parametrize("points", [1, 850])
def test_what_is_pooled_is_of_networks_that_are_alive(points):
    undefined = undefined_of(np.random.default_rng(1))
    before = study(undefined)
    found = for_figures(before, dead=0.5, points=points)
    for family, d in product(range(2), range(3)):
        alive = [seed for seed in range(3) if undefined[family, d, 0, seed, 0] < 0.5]
        assert len(alive) == (3, 2, 0)[d]
        where = {"family": family, "latent_dim": d}
        of_alive = before.by_seed["mean_abs"].sel(where | {"seed": alive})
        expected = before.pooled["mean_abs"].sel(where) if d == 0 else of_alive.mean("seed")
        np.testing.assert_allclose(found.pooled["mean_abs"].sel(where), expected)
        assert found.pooled["without"].sel(where).item() == ("", "1", "0, 1, 2")[d]
    assert found.by_seed["dead"].values.tolist() == dead_bottlenecks(before.by_seed, 0.5).values.tolist()
    known = np.isfinite(found.by_seed["reversed_share"].values)
    np.testing.assert_array_equal(known, np.round((1 - undefined) * SAMPLES) >= points)
    xr.testing.assert_identical(found.by_seed["mean_abs"], before.by_seed["mean_abs"])
    xr.testing.assert_identical(found.pooled["other"], before.pooled["other"])
    assert found.by_seed.attrs == before.by_seed.attrs


def test_pooled_shares_of_few_points_are_left_out():
    """Of three seeds with 400 points each that have an orientation a pool has 1,200."""
    undefined = np.full(tuple(SIZES.values()), 0.6)
    for points, known in ((1200, True), (1201, False)):
        found = for_figures(study(undefined), dead=0.9, points=points)
        assert (np.isfinite(found.pooled["reversed_share"]) == known).all()
        assert found.by_seed["reversed_share"].isnull().all()
