"""Where points end when a network is applied to them over and over: fixed points, and which sets fall into them."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from . import panels, style

SHOWN = 12
"""Fixed points, those with the largest basins."""


@style.paper()
def draw(data: xr.Dataset) -> Figure:
    """The fixed points of one network as images, and the shares of each set that end in them.

    Parameters
    ----------
    data : xr.Dataset
        By summary.attractors.write_attractors.
    """
    shown = data.isel(attractor=slice(SHOWN))
    names = data["dataset"].values.tolist()
    points = data["ends"].sum("outcome").values
    ends = np.column_stack([shown["basin"].values.T.reshape(shown.sizes["attractor"], -1).T, _rest(data, shown)])
    columns = shown.sizes["attractor"]
    figure = Figure(figsize=(style.DOUBLE_COLUMN, 1.1 + 0.24 * len(names)), layout="constrained")
    axes = figure.subplots(2, 1, height_ratios=[0.5, 0.24 * len(names)])  # in inches, those of images and of lines
    pictures = shown["image"].values.reshape(-1, *data.attrs["image_shape"]).transpose(0, 2, 3, 1).clip(0, 1)
    axes[0].set_axis_off()
    for place in range(columns):
        inset = axes[0].inset_axes(((place + 0.05) / ends.shape[1], 0, 0.9 / ends.shape[1], 1))
        inset.imshow(pictures[place], cmap="gray", vmin=0, vmax=1)
        inset.set_axis_off()
        inset.set_anchor("S")
        inset.set_title(f"{shown['spectral_radius'].values[place]:.2f}", fontsize=7, pad=2)
    ends_of = [*map(str, range(1, columns + 1)), "others", "cycles", "open"]
    sets = [rf"$D_\mathrm{{train}}$ ({names[0]})", *map(style.dataset_label, names[1:])]
    panels.numbers(axes[1], 100 * ends / points[:, None], ends_of, sets, most=100, colors="Blues", form=".0f", size=7)
    axes[1].set_xlabel("fixed point: above, its image and the largest |λ| of $J_L$; below, % of the points of each set")
    return figure


def _rest(data: xr.Dataset, shown: xr.Dataset) -> np.ndarray:
    """(dataset, 3) points that end in further fixed points, in cycles, or nowhere that was found."""
    outcome = {each: data["ends"].sel(outcome=each).values for each in ("converged", "cycle", "open")}
    further = outcome["converged"] - shown["basin"].sum("attractor").values
    return np.column_stack([further, outcome["cycle"], outcome["open"]])
