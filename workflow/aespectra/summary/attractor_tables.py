"""Files of attractors as their readers have them, and one table of a study."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ..files import write_csv
from ..integrity import reading
from ..slabs.grid import GRID, by_key


def open_attractors(path: Path) -> xr.Dataset:
    """What ``attractors.write_attractors`` wrote of one network, in memory."""
    with reading(path), xr.open_dataset(path) as file:
        return file.load()


def summarised(data: xr.Dataset) -> dict[str, Any]:
    """What a reader remembers of one network: a row of the study's table.

    Columns: family, latent_dim, seed; ``fixed_points``, how many; ``converged`` and ``cycles``, shares of the points,
    each set counting alike; ``largest_basin``, the share of the points that converged that it has; median and largest
    ``spectral_radius`` of J_L at fixed points; ``rate_off_radius``, how far the factor by which steps shrank is from
    that radius, median; ``to_training``, median distance of fixed points to the nearest training image, and
    ``usual_to_training``, that of held-out images. Of every set its share that converged and how many fixed points it
    reaches.
    """
    shares = data["ends"] / data["ends"].sum("outcome")
    converged = shares.sel(outcome="converged").values
    of_all = data["basin"].sum("dataset").values
    row = {key: data.attrs[key] for key in GRID}
    row |= {
        "fixed_points": int(data["fixed_points"]),
        "converged": float(converged.mean()),
        "cycles": float(shares.sel(outcome="cycle").mean()),
        "largest_basin": float(of_all.max(initial=0) / max(int(data["ends"].sel(outcome="converged").sum()), 1)),
        "spectral_radius_median": float(data["spectral_radius"].median()),
        "spectral_radius_max": float(data["spectral_radius"].max()) if data.sizes["attractor"] else np.nan,
        "rate_off_radius": float(abs(data["rate"] - data["spectral_radius"]).median()),
        "to_training": float(data["to_training"].median()),
        "usual_to_training": float(data["usual_to_training"]),
    }
    for name, share, number in zip(data["dataset"].values, converged, data["reached"].values, strict=True):
        row |= {f"{name}_converged": float(share), f"{name}_fixed_points": int(number)}
    return row


def write_attractors_of_study(path: Path, parts: Sequence[Path]) -> None:
    """A row for every network, as csv; whole or not at all."""
    rows = [summarised(open_attractors(part)) for part in by_key(parts).values()]
    write_csv(path, list(rows[0]), rows)
