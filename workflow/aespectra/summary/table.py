"""A summary's plain numbers as one table, for those who read neither netCDF nor Python."""

from pathlib import Path

from ..files import written_whole
from .file import Summary

AXES = ("family", "latent_dim", "seed", "dataset", "jacobian")


def write_statistics_table(path: Path, study: Summary) -> None:
    """Write every statistic that is one number of a network, a set and a Jacobian as csv, whole or not at all.

    Columns: AXES, the statistics by their names in the summary, ``mean_pixel`` of the set, and ``samples``, of how many
    points they are. Of those that no Jacobian is behind, as ``reconstruction_mse_mean``, both lines have the same. All
    digits; empty where undefined.

    Parameters
    ----------
    path : Path
        File to make.
    study : Summary
        Its ``by_seed`` is taken; distributions, loss curves and images are left out.
    """
    scalar = study.by_seed.drop_dims([dim for dim in study.by_seed.dims if dim not in AXES])
    with written_whole(path) as part:
        scalar.to_dataframe(dim_order=list(AXES)).assign(samples=study.by_seed.attrs["samples"]).to_csv(part)
