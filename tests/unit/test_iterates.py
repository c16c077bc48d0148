"""Where f_enc ∘ f_dec takes points: against maps whose fixed points, cycles and rates are known."""

import numpy as np
import pytest
import torch
from aespectra.slabs import iterates
from aespectra.slabs.iterates import CONVERGED, CYCLE, OPEN, fixed_points, iterate
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn


class Map(nn.Module):
    """An encoder whose decoder is the identity, so that it is the map itself."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, z):
        return self.function(z)


def follow(function, z, usual=1.0):
    decoder = nn.Linear(len(z[0]), len(z[0]), bias=False).double()
    decoder.weight.data = torch.eye(len(z[0]), dtype=torch.float64)
    return iterate(Map(function), decoder, np.asarray(z, float), usual)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.97), st.integers(1, 5))
def test_a_contraction_ends_where_linear_algebra_says_at_its_own_rate(seed, radius, d):
    rng = np.random.default_rng(seed)
    basis = rng.normal(size=(d, d)) + 2 * np.eye(d)
    values = np.concatenate([[radius], rng.uniform(-0.7, 0.7, d - 1) * radius])
    matrix = basis @ np.diag(values) @ np.linalg.inv(basis)
    if np.linalg.cond(basis) > 1e4:
        return
    shift = rng.normal(size=d)
    end = np.linalg.solve(np.eye(d) - matrix, shift)
    weight, bias = torch.from_numpy(matrix), torch.from_numpy(shift)
    found = follow(lambda z: z @ weight.T + bias, rng.normal(size=(7, d)), usual=max(np.linalg.norm(end), 1e-3))
    assert (found.outcome == CONVERGED).all()
    assert (found.period == 1).all()
    assert np.abs(found.z - end).max() < 1e-7 * max(np.linalg.norm(end), 1e-3)
    known = found.rate[np.isfinite(found.rate)]
    if radius > 0.3:  # else the last step is of rounding
        assert np.median(known) == pytest.approx(radius, rel=0.05)


def test_each_basin_has_its_own_fixed_point():
    z = np.linspace(-2, 2, 41)[:, None] + 0.01
    found = follow(lambda z: torch.tanh(2 * z), z)
    points, which = fixed_points(found.z, 1.0)
    assert len(points) == 2
    assert np.array_equal(points[which][:, 0] > 0, z[:, 0] > 0)
    assert abs(points).min() == pytest.approx(0.9575040240772687)  # x = tanh 2x


def test_cycles_are_told_from_points_that_hardly_move():
    # the logistic map at 3.2 has a cycle of two, at 3.5 of four, and converges slowly at 2.999
    for rate, period in ((3.2, 2), (3.5, 4)):
        found = follow(lambda z, rate=rate: rate * z * (1 - z), [[0.3], [0.7]])
        assert found.outcome.tolist() == [CYCLE, CYCLE]
        assert found.period.tolist() == [period, period]
    slow = follow(lambda z: z * (1 - 1e-5), [[1.0], [2.0]])
    assert slow.outcome.tolist() == [OPEN, OPEN]
    assert slow.period.tolist() == [0, 0]
    creeping = follow(lambda z: z * (1 - 1e-8), [[1.0]])  # slower than a cycle comes back, faster than it converges
    assert (creeping.outcome[0], creeping.period[0]) == (OPEN, 0)
    chaotic = follow(lambda z: 3.9 * z * (1 - z), [[0.3]])
    assert chaotic.outcome.tolist() == [OPEN]


def test_what_runs_away_or_is_nan_is_open():
    found = follow(lambda z: z * z, [[3.0], [0.5], [np.nan]])
    assert found.outcome.tolist() == [OPEN, CONVERGED, OPEN]
    assert found.z[1] == pytest.approx(0)
    assert found.iterations[0] == iterates.ITERATIONS


def test_a_point_that_starts_at_its_end_has_no_rate():
    found = follow(lambda z: 0.5 * z + 1, [[2.0]])
    assert (found.outcome[0], found.iterations[0]) == (CONVERGED, iterates.LOOKED)
    assert np.isnan(found.rate[0])


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    encoder = nn.Sequential(nn.Linear(20, 16), nn.ReLU(), nn.Linear(16, 3)).double()
    decoder = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 20), nn.Tanh()).double()
    for layer in (encoder[0], encoder[2], decoder[0], decoder[2]):
        layer.weight.data *= 1.9
    return encoder, decoder


def test_batches_of_one_and_of_a_thousand_find_the_same_fixed_points(network, monkeypatch):
    z = np.random.default_rng(0).normal(size=(150, 3)) * 3
    whole = iterate(*network, z, 1.0)
    monkeypatch.setattr(iterates, "BATCH", 1)
    alone = iterate(*network, z, 1.0)
    assert np.array_equal(whole.outcome, alone.outcome)
    ended = whole.outcome == CONVERGED
    assert ended.mean() > 0.5
    points, which = fixed_points(whole.z[ended], 1.0)
    again, of_alone = fixed_points(alone.z[ended], 1.0)
    assert np.array_equal(which, of_alone)
    np.testing.assert_allclose(points, again, atol=1e-7)


def test_fixed_points_are_left_where_they_are(network):
    found = iterate(*network, np.random.default_rng(1).normal(size=(50, 3)), 1.0)
    ends = torch.from_numpy(found.z[found.outcome == CONVERGED])
    with torch.no_grad():
        moved = network[0](network[1](ends))
    assert torch.allclose(moved, ends, atol=1e-9)


def test_known_points_keep_their_places():
    known = np.array([[1.0, 0], [0, 1.0]])
    points, which = fixed_points(np.array([[0, 1 + 5e-7], [2.0, 0], [1.0, 0], [2.0, 1e-7]]), 1.0, known)
    assert which.tolist() == [1, 2, 0, 2]
    assert np.array_equal(points, [[1, 0], [0, 1], [2, 0]])
    assert fixed_points(np.empty((0, 2)), 1.0)[0].shape == (0, 2)
