"""Eigenvalues as one has them in Python, on axes of one's own; figures of a study are drawn from its summary."""

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.patches import Circle

from . import style

SHOWN = 20_000
"""Eigenvalues, drawn at random, that are shown in the plane where there are more."""


def plane(eigenvalues: xr.DataArray, ax: Axes | None = None, label: str | None = None) -> Axes:
    """Eigenvalues in the complex plane, with the unit circle.

    Parameters
    ----------
    eigenvalues : xr.DataArray
        Complex, of any dimensions: ``spectra(…).eigenvalues.sel(jacobian="input")``, or ``complex_eigenvalues`` of a
        selection from a cube. Those that are nan are left out; of more than SHOWN so many are shown, the
        same ones every time.
    ax : Axes, optional
        Where to draw; the current ones unless given.
    label : str, optional
        Of the points, for a legend.

    Returns
    -------
    Axes
    """
    ax = plt.gca() if ax is None else ax
    values = eigenvalues.values.ravel()
    if len(values) > SHOWN:  # not at even distances, in step with the eigenvalues of a point
        values = np.random.default_rng(0).choice(values, SHOWN, replace=False)
    ax.add_patch(Circle((0, 0), 1, fill=False, **style.REFERENCE))
    sns.scatterplot(x=values.real, y=values.imag, s=4, linewidth=0, alpha=0.3, rasterized=True, label=label, ax=ax)
    ax.set_aspect("equal", "datalim")
    ax.set_xlabel(r"$\mathrm{Re}\,\lambda$")
    ax.set_ylabel(r"$\mathrm{Im}\,\lambda$")
    return ax


def norms(eigenvalues: xr.DataArray, ax: Axes | None = None) -> Axes:
    """Distributions of |λ|, on a logarithmic axis, of J_I and J_L where both are there.

    Parameters
    ----------
    eigenvalues : xr.DataArray
        As of ``plane``; with a dimension ``jacobian``, or without. Zeros, which have no logarithm, are left out.
    ax : Axes, optional
        Where to draw; the current ones unless given.

    Returns
    -------
    Axes
    """
    ax = plt.gca() if ax is None else ax
    parts = list(eigenvalues["jacobian"].values) if "jacobian" in eigenvalues.dims else [None]
    for jacobian in parts:
        values = eigenvalues if jacobian is None else eigenvalues.sel(jacobian=jacobian)
        sizes = np.abs(values.values.ravel())
        look = {} if jacobian is None else {"color": style.JACOBIANS[jacobian].color}
        label = None if jacobian is None else style.JACOBIANS[jacobian].label
        sns.kdeplot(x=sizes[sizes > 0], log_scale=True, label=label, ax=ax, **look)
    ax.axvline(1, **style.REFERENCE)
    ax.set_xlabel(r"$|\lambda|$")
    if len(parts) > 1:
        ax.legend()
    return ax
