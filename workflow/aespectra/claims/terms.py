"""What a reading of the paper has to decide, as it gives neither numbers nor thresholds."""

from typing import NamedTuple


class Terms(NamedTuple):
    """Thresholds of the verdicts; their reasons stand beside them in config/config.yaml, section ``claims``."""

    holds: float = 0.95
    """Share of the cases from which a claim holds."""
    mostly: float = 0.75
    """Share of the cases from which it holds in most cases."""
    points: float = 1000
    """Points with an orientation below which a share of reversed ones is no number."""
    dead: float = 0.5
    """Share of D_train's points with a zero eigenvalue of J_I from which a network has a dead bottleneck."""
    small_d: float = 0.25
    """Small d end at this share of the largest."""
    large_d: float = 0.75
    """Large d begin at this share of the largest."""
    dark: float = 0.4
    """Sets with a smaller mean pixel are dark."""
    bright: float = 0.6
    """Sets with a larger one are bright; those between are moderate."""
    difference: float = 0.1
    """‖Δλ‖²/d up to which it is small."""
    mean: float = 0.75
    """Mean of |λ| over d from which, up to 1, it is near 1."""
    slope: float = -0.05
    """Change of a mean of |λ| with d from which, up to 0, it falls slowly."""
    ratio_of_means: float = 0.5
    """Geometric over arithmetic mean from which both are of similar size."""
    correlation: float = 0.5
    """Rank correlation from which one thing grows with another."""
    near_zero: float = 0.01
    """First percentile of |λ| from which near-zero eigenvalues do not appear in quantity."""
    reversed: float = 0.1
    """Share of reversed points up to which they are very few."""
    angle: float = 0.25
    """Third quartile of |Arg λ|, in units of π, up to which angles are small."""
    variation: float = 0.25
    """Distance of a statistic from its median over d, relative to that, up to which it is consistent."""
    far: float = 0.1
    """Distance of a mean of |λ| from D_train's, relative to that, from which it is far."""
    many: float = 0.5
    """Share of the sets from which they are many."""
    coin: float = 0.1
    """Distance of a share of reversed points from one half up to which it is a coin's."""
    error_ratio: float = 2
    """Reconstruction error over D_train's from which it is not small."""
    error_share: float = 0.5
    """Reconstruction error over the variance of the pixels up to which it is small."""
    digits: float = 0.5
    """Share of points that come out as digits from which a set does."""
    same_class: float = 0.9
    """Share of points, sets or seeds with the same class from which it is the same digit."""
    same_image: float = 0.5
    """Distance of two images, over that of two digits, up to which they are the same."""
    groups: float = 0.5
    """Adjusted Rand index from which two clusters are the two groups."""
    equal: float = 1e-6
    """‖Δλ‖²/d up to which spectra agree."""
    projection: float = 0.1
    """How far a network moves its reconstructions, over how far it moved the points, up to which it is a projection."""
