"""The summary as its readers have it: all that figures and claims need."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import xarray as xr

from ..checksums import check_recorded
from ..data.shape import Shape, shape_of
from ..files import written_whole
from ..integrity import BrokenFileError


class Summary(NamedTuple):
    """All statistics of a study, or of a part of it."""

    by_seed: xr.Dataset
    pooled: xr.Dataset

    @property
    def image_shape(self) -> Shape:
        """Channels, height and width of the images, whose ``pixel`` have one channel after the other."""
        return shape_of(self.by_seed.attrs.get("image_shape"), self.by_seed.sizes["pixel"])


def open_summary(path: str | Path, family: str | None = None) -> Summary:
    """Read a summary file, or a part of one, into memory.

    Parameters
    ----------
    path : str or Path
        The summary.
    family : str, optional
        Read no other family's statistics.

    Returns
    -------
    Summary

    Raises
    ------
    ValueError
        The summary has no such family.
    BrokenFileError
        The summary is not what was written.
    """
    check_recorded(Path(path))
    return Summary(*(_group(path, group, family) for group in (None, "pooled")))


def open_reconstructions(path: str | Path) -> xr.Dataset:
    """Read what reconstructions_of_study.py wrote into memory; BrokenFileError if it is not what was written."""
    check_recorded(Path(path))
    return _group(path, None, None)


def _group(path: str | Path, group: str | None, family: str | None) -> xr.Dataset:
    with xr.open_dataset(path, group=group) as data:
        families = data["family"].values.tolist()
        if family not in (None, *families):
            raise ValueError(f"{path} has no family {family!r}; it has {', '.join(families)}.")
        try:
            return (data if family is None else data.sel(family=[family])).load()
        except (OSError, RuntimeError) as error:  # HDF5's own checksums, also where none is kept apart from the file
            raise BrokenFileError(f"{path} is corrupted ({error}): delete it and run again to make it anew.") from error


def write_without(path: Path, source: Path, names: Sequence[str]) -> None:
    """Copy a summary less some of its variables: of many networks, pictures and planes are most of its bytes.

    Parameters
    ----------
    path : Path
        File to make, whole or not at all.
    source : Path
        The summary.
    names : Sequence[str]
        Variables, of both groups, to leave out; the copy's attribute ``left_out`` says so.

    Raises
    ------
    ValueError
        The summary has no such variable.
    """
    with written_whole(path) as part:
        for group in (None, "pooled"):
            with xr.open_dataset(source, group=group) as data:
                unknown = [name for name in names if group is None and name not in data.data_vars]
                if unknown:
                    raise ValueError(
                        f"{source} has no variable '{unknown[0]}'; it has {', '.join(map(str, data.data_vars))}."
                    )
                rest = data.drop_vars(names, errors="ignore").assign_attrs(left_out=", ".join(names))
                rest.to_netcdf(part, mode="a" if group else "w", group=group)


def variable_of(data: xr.Dataset, name: str) -> xr.DataArray:
    """A variable that ``write_without`` may have left out, which is a ValueError that says so."""
    if name in data:
        return data[name]
    raise ValueError(f"the summary was kept without '{name}': what shows it is drawn from the whole summary alone.")


def of_family(summary: Summary, family: str) -> Summary:
    """One family's statistics, by rising latent dimension.

    Parameters
    ----------
    summary : Summary
        Of one or several families.
    family : str
        Its name.

    Raises
    ------
    KeyError
        The summary has no such family.
    """
    return Summary(*(data.sel(family=family).sortby("latent_dim") for data in summary))
