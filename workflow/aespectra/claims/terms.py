"""What a reading of the paper has to decide, as it gives neither numbers nor thresholds."""

from typing import NamedTuple


class Terms(NamedTuple):
    """Thresholds of the verdicts; their reasons stand beside them in config/config.yaml, section ``claims``."""

    holds: float
    """Share of the cases from which a claim holds."""
    mostly: float
    """Share of the cases from which it holds in most cases."""
    points: float
    """Points with an orientation below which a share of reversed ones is no number."""
    dead: float
    """Share of D_train's points with a zero eigenvalue of J_I from which a network has a dead bottleneck."""
    small_d: float
    """Small d end at this share of the largest."""
    large_d: float
    """Large d begin at this share of the largest."""
    dark: float
    """Sets with a smaller mean pixel are dark."""
    bright: float
    """Sets with a larger one are bright; those between are moderate."""
    difference: float
    """‖Δλ‖²/d up to which it is small."""
    mean: float
    """Mean of |λ| over d from which, up to 1, it is near 1."""
    slope: float
    """Change of a mean of |λ| with d from which, up to 0, it falls slowly."""
    ratio_of_means: float
    """Geometric over arithmetic mean from which both are of similar size."""
    correlation: float
    """Rank correlation from which one thing grows with another."""
    near_zero: float
    """First percentile of |λ| from which near-zero eigenvalues do not appear in quantity."""
    reversed: float
    """Share of reversed points up to which they are very few."""
    angle: float
    """Third quartile of |Arg λ|, in units of π, up to which angles are small."""
    variation: float
    """Distance of a statistic from its median over d, relative to that, up to which it is consistent."""
    far: float
    """Distance of a mean of |λ| from D_train's, relative to that, from which it is far."""
    many: float
    """Share of the sets from which they are many."""
    coin: float
    """Distance of a share of reversed points from one half up to which it is a coin's."""
    error_ratio: float
    """Reconstruction error over D_train's from which it is not small."""
    error_share: float
    """Reconstruction error over the variance of the pixels up to which it is small."""
