"""What becomes of a quantity over all d: a trend, a spread. Of many samples of the latent dimensions at once.

Each function takes d, (samples, n), and the quantity there, (samples, n, sets), and gives (samples, sets). Plain numpy
sums would differ in their last digits from one processor to the next: judge.py rounds.
"""

import numpy as np
from scipy.stats import rankdata


def mean(_: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Over the d where it is known."""
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.where(known, values, 0).sum(axis=1) / known.sum(axis=1)


def slope(latent_dims: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Change per latent dimension, by least squares; nan from a single one."""
    d = (latent_dims - latent_dims.mean(axis=1, keepdims=True))[..., None]
    with np.errstate(invalid="ignore"):
        return (d * values).sum(axis=1) / (d * d).sum(axis=1)


def rank_correlation(latent_dims: np.ndarray, values: np.ndarray) -> np.ndarray:
    """With d, Spearman's; nan where either is the same throughout."""
    return ranks_together(np.broadcast_to(latent_dims[..., None], values.shape), values)


def spread_beside_train(_: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Standard deviation over d of each set over that of the first, D_train; nan from a single d."""
    spread = values.std(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return spread[:, 1:] / spread[:, :1]


def ranks_together(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation along axis 1; nan where there are fewer than three, or all are the same."""
    if x.shape[1] < 3:
        return np.full(np.delete(x.shape, 1), np.nan)
    a, b = (rankdata(each, axis=1) - (x.shape[1] + 1) / 2 for each in (x, y))
    with np.errstate(invalid="ignore"):
        return (a * b).sum(axis=1) / np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
