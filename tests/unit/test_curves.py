"""Areas under curves: against scikit-learn, against every pair counted, and their intervals against the bootstrap."""

import numpy as np
import pytest
from aespectra.summary.curves import Separation, separation
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

SCORES = arrays(
    np.float64,
    st.integers(1, 40),
    elements=st.one_of(st.integers(-3, 3).map(float), st.floats(-1e6, 1e6), st.just(np.inf)),
)


def by_sklearn(inside: np.ndarray, outside: np.ndarray) -> tuple[float, float, float, float]:
    finite = np.concatenate([inside, outside])
    scores = np.unique(finite, return_inverse=True)[1]  # which takes no infinity
    out = np.repeat([0, 1], [len(inside), len(outside)])
    found, passing, _ = roc_curve(1 - out, -scores, drop_intermediate=False)
    return (
        roc_auc_score(out, scores),
        average_precision_score(out, scores),
        average_precision_score(1 - out, -scores),
        found[np.argmax(passing >= 0.95 - 1e-12)],
    )


@given(SCORES, SCORES)
def test_all_are_scikit_learns(inside, outside):
    found = separation(inside, outside)
    expected = by_sklearn(inside, outside)
    assert (found.auroc, found.aupr_out, found.aupr_in, found.fpr95) == pytest.approx(expected, abs=1e-12)


@given(SCORES, SCORES)
def test_the_area_is_the_share_of_pairs(inside, outside):
    higher = outside[:, None] > inside
    ties = outside[:, None] == inside
    assert separation(inside, outside).auroc == pytest.approx((higher + 0.5 * ties).mean(), abs=1e-12)


@given(SCORES, SCORES)
def test_only_the_order_counts(inside, outside):
    order = np.unique(np.concatenate([inside, outside]), return_inverse=True)[1].astype(float)
    assert separation(order[: len(inside)], order[len(inside) :]) == separation(inside, outside)


def test_known_cases():
    apart = separation(np.arange(100.0), np.arange(100.0, 150))
    assert apart == Separation(1, 1, 1, pytest.approx(1), pytest.approx(1), 0)
    assert separation(np.arange(100.0, 150), np.arange(100.0)).auroc == 0
    same = separation(np.zeros(30), np.zeros(10))
    assert (same.auroc, same.aupr_out, same.aupr_in, same.fpr95) == (0.5, 0.25, 0.75, 1)
    # of twenty points in, nineteen pass below the last; one of the four out is below it
    assert separation(np.arange(20.0), np.array([18.0, 18.5, 30, 40])).fpr95 == 0.25


@pytest.mark.parametrize("shift", [0.0, 0.5, 1.5])
@pytest.mark.parametrize("rounded", [False, True])
def test_the_interval_is_that_of_the_bootstrap(shift, rounded):
    rng = np.random.default_rng(0)
    inside, outside = rng.normal(size=400), rng.normal(shift, 1.5, size=300)
    if rounded:
        inside, outside = inside.round(), outside.round()
    found = separation(inside, outside)
    again = [
        (lambda a, b: (np.searchsorted(a, b) + np.searchsorted(a, b, "right")).mean() / 2 / len(a))(
            np.sort(rng.choice(inside, 400)), rng.choice(outside, 300)
        )
        for _ in range(4000)
    ]
    low, high = np.quantile(again, (0.025, 0.975))
    width = high - low
    assert found.auroc_low == pytest.approx(low, abs=0.06 * width)
    assert found.auroc_high == pytest.approx(high, abs=0.06 * width)


@pytest.mark.parametrize(("inside", "outside"), [([], [1.0]), ([1.0], []), ([np.nan, 1], [1.0]), ([1.0], [np.nan])])
def test_nothing_to_compare_is_refused(inside, outside):
    with pytest.raises(ValueError, match="none of them nan"):
        separation(np.array(inside), np.array(outside))
