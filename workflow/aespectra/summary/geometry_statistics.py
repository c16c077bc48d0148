"""Statistics of singular values and of what belongs to them, where a study has them (config key spectra.geometry)."""

import numpy as np

from .statistics import distribution, mean, quantiles

THRESHOLDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
"""Of the local dimension, the number of singular values above one: a half decade apart, from a thousandth of a length
to three times it."""


def geometry_statistics(singular_values: np.ndarray, departure: np.ndarray) -> dict[str, float | np.ndarray]:
    """Statistics of the singular values of one Jacobian at n points; those that are not all finite are left out.

    Parameters
    ----------
    singular_values : np.ndarray
        (n, d), each row decreasing; of J_I the d that may differ from zero.
    departure : np.ndarray
        (n,), ‖J‖²_F − Σ|λ|², as linalg/geometry.py has it.

    Returns
    -------
    dict[str, float | np.ndarray]
        By name: ``log_singular_`` quantiles and whiskers of ln σ over the non-zero ones, singular_zero_share, that of
        the others; ``log_condition_quantiles`` of ln(σ_1/σ_d) over the points where σ_d is not zero, flat_share, that
        of the others; local_dimension (len(THRESHOLDS),), the mean number of σ above each threshold; ``departure_``
        mean and quantiles of (‖J‖²_F − Σ|λ|²)/‖J‖²_F, Henrici's measure as a share: from 0, of a normal matrix, to 1,
        of one whose eigenvalues are all zero. A statistic of no values is nan.
    """
    known = np.isfinite(singular_values).all(axis=1)
    values, departure = singular_values[known].astype(np.float64), departure[known].astype(np.float64)
    positive = values > 0
    regular = values[positive.all(axis=1)]
    squares = np.square(values).sum(axis=1)
    # stored in float32: a share may come out above one in its last digit
    share = np.minimum(departure[squares > 0] / squares[squares > 0], 1)
    return {
        **{f"log_singular_{name}": each for name, each in distribution(np.log(values[positive])).items()},
        "singular_zero_share": mean(~positive),
        "log_condition_quantiles": quantiles(np.log(regular[:, 0] / regular[:, -1])),
        "flat_share": mean(~positive.all(axis=1)),
        "local_dimension": np.array([mean((values > each).sum(axis=1)) for each in THRESHOLDS]),
        "departure_mean": mean(share),
        "departure_quantiles": quantiles(share),
    }


def volume_statistics(log_volume: np.ndarray) -> dict[str, float | np.ndarray]:
    """Quantiles of ½ ln det G_dec, (n,), where the decoder flattens no volume; share of other points."""
    known = log_volume[~np.isnan(log_volume)].astype(np.float64)
    finite = np.isfinite(known)
    return {"log_volume_quantiles": quantiles(known[finite]), "flattened_share": mean(~finite)}
