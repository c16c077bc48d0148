"""Fewer of many, where sums over pairs would take too long or pictures show no more."""

import numpy as np


def evenly(n: int, most: int) -> np.ndarray:
    """Places (m,) among n, at even distances from the first to the last: all of them, or ``most`` where n is more."""
    return np.linspace(0, n - 1, min(n, most)).astype(int)
