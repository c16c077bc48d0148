"""Training time as an axis: families that are one training after several numbers of epochs, beside each other."""

from itertools import product

import xarray as xr

from .grid import epoch_of


def by_epoch(data: xr.Dataset) -> xr.Dataset:
    """A cube, a summary or a table of a study whose trainings were looked at, with ``epoch`` as a dimension.

    Parameters
    ----------
    data : xr.Dataset
        With a dimension ``family``, whose labels are those of grid.AT_EPOCH, every family at the same epochs. Variables
        are read into memory: of a cube better a selection.

    Returns
    -------
    xr.Dataset
        ``family`` has the names before the @, ``epoch``, int64 and rising, the numbers behind it; 0 are the initial
        weights. Without the loss curves, which have a dimension of that name, and which the last epoch's family holds.

    Raises
    ------
    ValueError
        A family is not of this form, or not at all epochs.

    Examples
    --------
    >>> cube = open_cube("results/epochs/cube.nc")  # doctest: +SKIP
    >>> by_epoch(cube.sel(dataset="uniform", latent_dim=8)).sel(epoch=10)  # doctest: +SKIP
    """
    found = {label: epoch_of(label) for label in data["family"].values.tolist()}
    plain = [label for label, each in found.items() if each is None]
    if plain:
        raise ValueError(f"family '{plain[0]}' is not named <family>@<epoch>: it is there as trained alone.")
    names, epochs = (list(dict.fromkeys(part)) for part in zip(*found.values(), strict=True))
    missing = set(product(names, epochs)) - set(found.values())
    if missing:
        name, epoch = min(missing)
        raise ValueError(f"family '{name}' lacks epoch {epoch}, at which another was looked at.")
    of_each = {
        name: ("family", list(part))
        for name, part in zip(("trained", "epoch"), zip(*found.values(), strict=True), strict=True)
    }
    data = data.drop_dims("epoch", errors="ignore").drop_vars("family").assign_coords(of_each)
    data = data.set_index(family=["trained", "epoch"]).unstack("family").rename(trained="family")
    return data.sel(family=names, epoch=sorted(epochs)).transpose("family", "epoch", ...)
