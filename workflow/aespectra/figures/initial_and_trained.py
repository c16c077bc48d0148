"""Eigenvalues of J_I in the complex plane before the training and after it."""

from matplotlib.figure import Figure

from ..summary.file import Summary
from . import complex_plane, panels, style


@style.paper()
def draw(study: Summary, representatives: dict[str, str], latent_dims: list[int]) -> Figure:
    """Share of the eigenvalues of J_I in squares of the complex plane, seeds pooled, at the first and last epoch.

    Rows are D_train and bright noise, each at both, columns latent dimensions; the rest as in complex_plane. ``study``
    is of one family, by_epoch.
    """
    titles = panels.titles_of_sets(study, {"bright": representatives["bright"]})
    epochs = study.pooled["epoch"].values
    rows = {
        f"{title}\n{epoch} epochs": study.pooled.sel(dataset=name, epoch=epoch)
        for name, title in titles.items()
        for epoch in (epochs[0], epochs[-1])
    }
    return complex_plane.planes(rows, latent_dims)
