"""Studies of families that aim at a Gaussian latent, made up."""

from typing import Any

import numpy as np
import xarray as xr
from aespectra.figures import families_geometry, latent_agreement
from aespectra.summary.file import Summary
from aespectra.summary.prior_study import PriorStudy

LATENT_DIMS, SEEDS = [2, 4, 8], [0, 1]

FAMILIES: dict[str, dict[str, Any]] = {
    name: {
        "name": name,
        "kind": kind,
        "autoencoder": {"hidden": hidden},
        "training": {"prior": prior, "weights": dict.fromkeys(["reconstruction", *penalties], 1.0)},
    }
    for name, kind, hidden, prior, penalties in (
        ("autoencoder", "autoencoder", [512, 64], "gaussian", []),
        ("vae", "vae", [512, 64], "gaussian", ["kl"]),
        ("wae_mmd", "wae_mmd", [512, 64], "gaussian", ["mmd"]),
        ("swae", "swae", [512, 64], "gaussian", ["sliced_wasserstein"]),
        ("cwae", "cwae", [512, 64], "gaussian", ["log_cramer_wold"]),
        ("flow", "flow", [512, 64], "gaussian", []),
        ("swae-uniform", "swae", [512, 64], "uniform", ["sliced_wasserstein"]),
        ("vae-500", "vae", [500], "gaussian", ["kl"]),
        ("vae-500-500", "vae", [500, 500], "gaussian", ["kl"]),
    )
}
AIMING = ["vae", "wae_mmd", "swae", "cwae", "vae-500", "vae-500-500"]
SOURCES = ["prior", "mixture", "flow", "reconstruction"]
MEASURES = ["frechet", "precision", "recall", "density", "coverage", "memorisation", "sharpness"]
OF_AGREEMENT = [*latent_agreement.MEASURES, "mardia_kurtosis"]
SETS = ["mnist", "dark", "gray", "bright"]


def full(coords: dict[str, list], value: float = 1.0) -> xr.DataArray:
    return xr.DataArray(np.full([len(each) for each in coords.values()], value), coords)


def make(good: bool, families: dict[str, dict[str, Any]] = FAMILIES, seeds: list[int] = SEEDS) -> PriorStudy:
    """A study that satisfies all statements, or none of them."""
    networks = {"family": list(families), "latent_dim": LATENT_DIMS, "seed": seeds}
    dims = xr.DataArray(LATENT_DIMS, {"latent_dim": LATENT_DIMS})

    at = {**networks, "points": ["z", "draw"], "measure": OF_AGREEMENT}
    value = full(at, 0.9)
    distances = {"autoencoder": 9, "wae_mmd": 2.1, "swae": 2, "cwae": 2.4, "vae": 4, "vae-500": 7, "vae-500-500": 6}
    for name, distance in distances.items():
        if name in families:
            value.loc[{"family": name, "measure": "sliced_wasserstein"}] *= (
                0.005 / 0.9 * (distance if good else 1 / distance)
            )
    value.loc[{"measure": "total_variance"}] = 1.2 if good else 0.8
    coordinates = (1 / dims if good else 1.0 * dims).broadcast_like(value.sel(measure="coordinate_ks"))
    value.loc[{"measure": "coordinate_ks"}] = coordinates.transpose(*value.sel(measure="coordinate_ks").dims)
    for name, family in families.items():
        if family["kind"] != "vae":
            value.loc[{"family": name, "points": "draw"}] = np.nan
    high = full(at)
    high.loc[{"measure": "sliced_wasserstein"}] = 0.005 if good else 1e3  # that even discrete latents pass
    high.loc[{"measure": ["mardia_skewness", "mardia_kurtosis"]}] = 100
    of_agreement = xr.Dataset(
        {"value": value, "prior_mean": full(at, 0.5), "prior_low": full(at, 0.1), "prior_high": high}
    )

    score = full({**networks, "source": SOURCES, "measure": MEASURES})
    covered = full(networks, 0.5)
    for name in families:
        # the order of distances but for the two best, which coverage ranks as the scores do
        rank = {**distances, "wae_mmd": 1.9}.get(name, 2)
        score.loc[{"family": name, "source": "prior", "measure": "frechet"}] = rank
        covered.loc[{"family": name}] = 1 - rank / 10 if good else rank / 10
    for name, source in (("flow", "flow"), ("autoencoder", "mixture")):
        if name in families:
            score.loc[{"family": name, "source": source, "measure": "frechet"}] = 1.95 if good else 3.0
    if "swae-uniform" in families:
        score.loc[{"family": "swae-uniform", "source": "prior", "measure": "frechet"}] = 2.1 if good else 2.3
    error = full(networks, 10.0)
    for name in ("vae", "vae-500", "vae-500-500"):
        if name in families:
            score.loc[{"family": name, "source": "reconstruction", "measure": "sharpness"}] = 0.8 if good else 1.3
            error.loc[{"family": name}] = 12.0 if good else 9.0
    rng = np.random.default_rng(0)
    label = np.arange(400) % 10
    point = rng.normal(size=(len(families), len(seeds), 2, 400, 2))
    if good:  # ten blobs on a circle
        blobs = np.stack([np.cos(label * 0.2 * np.pi), np.sin(label * 0.2 * np.pi)], axis=1)
        point = 2 * blobs + 0.1 * point
    radius = np.arange(0.05, 3, 0.1)
    pictures = {**networks, "source": SOURCES, "shown": [0, 1, 2], "pixel": list(range(16))}
    samples = xr.Dataset(
        {
            "score": score,
            "reconstruction_error": error,
            "latent_coverage": covered,
            "latent_density": covered,
            "image": full(pictures, 200).astype(np.uint8),
            "neighbour": full(pictures, 90).astype(np.uint8),
            "radius_count": full({**networks, "view": ["z", "draw", "normal"], "radius": list(radius)}, 20),
            "point": (("family", "seed", "view", "at", "axis"), np.stack([point, point, point], 2)[..., 0, :, :]),
            "label": ("at", label),
            "score_of_images": full({"measure": MEASURES}, 0.5),
        },
    )
    return PriorStudy(
        families, of_agreement, samples, Summary(*(spectra(good, families, seeds, group) for group in "sp"))
    )


def spectra(good: bool, families: dict[str, Any], seeds: list[int], group: str) -> xr.Dataset:
    """Of each seed (s), or pooled (p)."""
    axes = {"family": list(families), "latent_dim": LATENT_DIMS, "dataset": SETS, "seed": seeds}
    axes |= {"jacobian": ["input", "latent"]}
    if group == "p":
        del axes["seed"]
    data = xr.Dataset({name: full(axes) for name in families_geometry.LABELS} | {"undefined_share": full(axes, 0.0)})
    data.attrs["samples"] = 70_000
    if group == "s":
        d = xr.DataArray(LATENT_DIMS, {"latent_dim": LATENT_DIMS})
        seed = xr.DataArray(seeds, {"seed": seeds})
        # the plain autoencoder's moves with d and with the seed
        plain = full({"family": list(families)}, 0.1 if good else 1.0)
        plain.loc[{"family": "autoencoder"}] = 0.5
        moved = np.exp(plain * (np.log(d) + seed))
        data["geometric_mean"] = moved.broadcast_like(data["mean_abs"]).transpose(*data["mean_abs"].dims).copy()
        share = full({"family": list(families)}, 0.2 if good else 0.6)
        share.loc[{"family": "autoencoder"}] = 0.4
        data["reversed_share"] = share.broadcast_like(data["mean_abs"]).transpose(*data["mean_abs"].dims).copy()
        # of D_train, which is not out of distribution, all the contrary
        data["reversed_share"][{"dataset": 0, "family": slice(1, None)}] = 1.0 if good else 0.0
    return data.assign_coords(mean_pixel=("dataset", [0.13, 0.2, 0.5, 0.8]))
