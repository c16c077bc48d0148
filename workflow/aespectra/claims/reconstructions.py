"""Claims 19 to 26: those on reconstructions, which the paper judges by eye, and its theorems. arXiv 2201.11902.

They are not of the spectra's statistics but of summary/reconstructions_of_study.py, whose proxies stand in the table.
"""

from . import reconstruction_quantities as quantities
from .paper import BOTH, Claim
from .verdict import Bound

BY_EYE = [
    Claim(
        number="19a",
        says="low d: noise comes out as digits",
        shown=("reconstructions",),
        statistic="points that a classifier is sure of and that are near to a training image, over that share of "
        "held-out images; share of (set, d)",
        quantity=quantities.digits_at_small_d,
        bound=lambda terms: Bound(low=terms.digits),
        jacobians=(),
    ),
    Claim(
        number="19b",
        says="low d: not as the same digit within a set",
        shown=("reconstructions",),
        statistic="points of the most frequent class; share of (set, d)",
        quantity=quantities.same_digit_in_set,
        bound=lambda terms: Bound(high=terms.same_class, beyond=True),
        jacobians=(),
    ),
    Claim(
        number="19c",
        says="low d: not as the same digit across sets",
        shown=("reconstructions",),
        statistic="other sets with the same most frequent class; share of (set, d)",
        quantity=quantities.same_digit_across_sets,
        bound=lambda terms: Bound(high=terms.same_class, beyond=True),
        jacobians=(),
    ),
    Claim(
        number="19d",
        says="low d: not as the same digit across seeds",
        shown=("reconstructions",),
        statistic="other seeds with the same most frequent class; share of (set, d)",
        quantity=quantities.same_digit_across_seeds,
        bound=lambda terms: Bound(high=terms.same_class, beyond=True),
        jacobians=(),
    ),
    Claim(
        number="20a",
        says="middle d: noise comes out as one image for all sets",
        shown=("reconstructions",),
        statistic="distance of mean images of two sets / of two reconstructed training images; share of (set, d)",
        quantity=quantities.distance_of_sets_at_middle_d,
        bound=lambda terms: Bound(high=terms.same_image),
        jacobians=(),
    ),
    Claim(
        number="20b",
        says="middle d: that image is like a digit",
        shown=("reconstructions",),
        statistic="points as of 19a; share of (set, d)",
        quantity=quantities.digits_at_middle_d,
        bound=lambda terms: Bound(low=terms.digits),
        jacobians=(),
    ),
    Claim(
        number="21a",
        says="high d: noise comes out as one character for all sets",
        shown=("reconstructions",),
        statistic="distance as of 20a; share of (set, d)",
        quantity=quantities.distance_of_sets_at_large_d,
        bound=lambda terms: Bound(high=terms.same_image),
        jacobians=(),
    ),
    Claim(
        number="21b",
        says="high d: that character is no digit",
        shown=("reconstructions",),
        statistic="points as of 19a; share of (set, d)",
        quantity=quantities.digits_at_large_d,
        bound=lambda terms: Bound(high=terms.digits, beyond=True),
        jacobians=(),
    ),
    Claim(
        number="22a",
        says="that character differs across d",
        shown=("reconstructions",),
        statistic="distance of mean images of a set under two d / of two reconstructed training images; "
        "share of (set, d)",
        quantity=quantities.distance_across_d,
        bound=lambda terms: Bound(low=terms.same_image, beyond=True),
        jacobians=(),
    ),
    Claim(
        number="22b",
        says="that character differs across seeds",
        shown=("reconstructions",),
        statistic="the same under two seeds; share of (set, d)",
        quantity=quantities.distance_across_seeds,
        bound=lambda terms: Bound(low=terms.same_image, beyond=True),
        jacobians=(),
    ),
    Claim(
        number="23",
        says="there are two groups: sets with a mean below .5, and the others",
        shown=("reconstructions",),
        statistic="adjusted Rand index with two clusters of the sets' mean images; share of d",
        quantity=quantities.two_groups,
        bound=lambda terms: Bound(low=terms.groups),
        jacobians=(),
    ),
]
"""On reconstructions: tables I and II."""

THEOREMS = [
    Claim(
        number="24a",
        says="I.1: where a point is reconstructed exactly, both spectra agree",
        shown=("figure_1",),
        statistic="‖Δλ‖²/d at fixed points, the largest; share of d",
        quantity=quantities.difference_at_fixed_points,
        bound=lambda terms: Bound(high=terms.equal),
        jacobians=(),
    ),
    Claim(
        number="24b",
        says="the nearer a point is to that, the nearer are they",
        shown=("figure_1",),
        statistic="rank correlation of distance and ‖Δλ‖²/d on the way to fixed points; share of d",
        quantity=quantities.difference_with_distance,
        bound=lambda terms: Bound(low=terms.correlation),
        jacobians=(),
    ),
    *(
        Claim(
            number=f"25{letter}",
            says=f"I.2: ‖λ(J_L(z)) − λ(J_L(z′))‖² ≤ ‖J_L(z) − J_L(z′)‖², {of}",
            shown=(),
            statistic=f"pairs at which it fails, {matched}; share of (set, d)",
            quantity=quantities.failures(pair, matching),
            bound=lambda _: Bound(high=0),
            jacobians=(),
            cuts=lambda _: (1, 1),  # of a theorem there are no exceptions
        )
        for letter, pair, matching, of, matched in (
            ("a", "apart", "by_norm", "two points of a set", "eigenvalues paired by norm"),
            ("b", "apart", "best", "two points of a set", "eigenvalues matched best"),
            ("c", "near", "by_norm", "a point and one nearby", "eigenvalues paired by norm"),
            ("d", "near", "best", "a point and one nearby", "eigenvalues matched best"),
        )
    ),
    Claim(
        number="26a",
        says="I.3: these networks are projections onto the data",
        shown=("figure_5", "figure_6"),
        statistic="D_train: ‖f(f(x)) − f(x)‖ / ‖f(x) − x‖, median; share of d",
        quantity=quantities.idempotence,
        bound=lambda terms: Bound(high=terms.projection),
        jacobians=(),
    ),
    Claim(
        number="26b",
        says="I.3: a projection onto the data reverses no orientation",
        shown=("figure_5", "figure_6"),
        statistic="D_train: reversed points where 26a is met; share of d",
        quantity=quantities.reversed_by_projections,
        bound=lambda terms: Bound(high=terms.reversed),
        jacobians=BOTH,
    ),
]
"""I.1 to I.3. No figure of the paper tests I.2."""

FURTHER = [*BY_EYE, *THEOREMS]
