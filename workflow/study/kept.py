"""A kept study, and what a config asks for that is not in it.

Imported while the Snakefile is parsed; netCDF4 alone is imported later, and only where a study is kept.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from aespectra.integrity import check_checkpoint, reading
from aespectra.slabs.grid import NETWORK, Key

from .config import SOURCES
from .families import SECTIONS
from .schema import ConfigError

PLAIN_WEIGHTS = {"reconstruction": 1.0}
"""What networks were trained with that say nothing of weights, from before there were several terms."""


def check_networks(kept: Path, grid: Iterable[Key]) -> None:
    """Raise ConfigError unless a finished study lies in the folder ``kept``; of networks all of a grid, or none.

    Without networks the figures can still be drawn.
    """
    models = any((kept / "models").glob("*/*.safetensors"))  # there may be loss curves alone
    if not (models or any((kept / name).is_file() for name in ("summary.nc", "detection.csv"))):
        raise ConfigError(
            f"config key 'kept' is '{kept}', where no finished study lies; it must be a folder with models/, "
            "summary.nc, both, or detection.csv."
        )
    for key in grid if models else ():
        path = kept / "models" / f"{NETWORK.format(**key._asdict())}.safetensors"
        if not path.is_file():
            raise ConfigError(
                f"config key 'kept' is '{kept}', which has no {path.relative_to(kept)}; families, latent_dims and "
                "seeds must be among those that were kept."
            )


def check_elsewhere(key: str, folder: Path, results: Path) -> None:
    """Raise ConfigError if the folder of a config key is that of this study's own results, or lies in it."""
    if folder.resolve().is_relative_to(results.resolve()):
        raise ConfigError(
            f"config key '{key}' is '{folder}', where this study's own results go ({results}); give it an 'experiment' "
            "of its own."
        )


def check_found(folder: Path, grid: Iterable[Key]) -> None:
    """Raise ConfigError unless there are networks in the folder that networks are taken from, where there are any."""
    if not folder.is_dir():
        raise ConfigError(f"config key 'networks_from' is '{folder}', which is no folder.")
    first, *others = grid
    if not any(any((folder / family).glob("*.safetensors")) for family in {key.family for key in (first, *others)}):
        raise ConfigError(
            f"config key 'networks_from' is '{folder}', which has no network of this study, such as "
            f"{NETWORK.format(**first._asdict())}.safetensors; it must be a folder models/ of another study."
        )


def check_made(folder: Path, grid: Iterable[Key], families: dict[str, dict[str, Any]], images: str) -> None:
    """Raise BrokenFileError if a network of the folder and this grid is broken, or not made as this study would do.

    Parameters
    ----------
    folder : Path
        With a folder a family; networks may be missing.
    grid : Iterable[Key]
        Networks of this study.
    families : dict[str, dict]
        From ``families.families``.
    images : str
        Name of the images that this study learns from.
    """
    for key in grid:
        path = folder / f"{NETWORK.format(**key._asdict())}.safetensors"
        if path.is_file() and "checkpoint" not in families[key.family]:
            asked = {name: families[key.family][name] for name in ("kind", *SECTIONS)} | {"images": images}
            if (
                asked["training"]["weights"] == PLAIN_WEIGHTS
                and "weights" not in check_checkpoint(path, {})["training"]
            ):
                asked["training"] = {name: each for name, each in asked["training"].items() if name != "weights"}
            check_checkpoint(path, key._asdict() | asked)


def check_summary(kept: Path, config: dict[str, Any], families: Iterable[str]) -> None:
    """Raise ConfigError if the kept summary is not of what a config asks for: figures and claims would not be either.

    Parameters
    ----------
    kept : Path
        Folder of the kept study.
    config : dict
        Checked, with the defaults filled in.
    families : Iterable[str]
        The names of all that it asks for.
    """
    try:
        import netCDF4
    except ImportError:  # Snakemake may be alone in its environment; the jobs have theirs
        return
    if not (kept / "summary.nc").is_file():
        raise ConfigError(f"config key 'kept' is '{kept}', which has no summary.nc to draw figures and claims from.")
    with reading(kept / "summary.nc"), netCDF4.Dataset(kept / "summary.nc") as summary:
        found = json.loads(summary.config)
        if config["spectra"].get("geometry") and "log_singular_quantiles" not in summary.variables:
            raise ConfigError(_sentence(kept, "spectra.geometry", "true", "no singular values"))
        has = {
            "families": list(summary["family"][:]),
            "latent_dims": summary["latent_dim"][:].tolist(),
            "seeds": summary["seed"][:].tolist(),
            "evaluation.sets": list(summary["dataset"][:])[1:],
        }
    asked = {
        "families": list(families),
        "latent_dims": config["latent_dims"],
        "seeds": config["seeds"],
        "evaluation.sets": [each["name"] for each in config["evaluation"]["sets"]],
    }
    for key, values in asked.items():
        lacking = [str(value) for value in values if value not in has[key]]
        # of families each has figures of its own; the others' figures and claims are of all that was kept
        if lacking or (key != "families" and len(values) < len(has[key])):
            wanted = ", ".join(lacking) if lacking else f"{', '.join(map(str, values)) or 'none'} alone"
            raise ConfigError(_sentence(kept, key, wanted, ", ".join(map(str, has[key]))))
    kept_sets = {each["name"]: each for each in found["evaluation"]["sets"]}
    pairs = {f"images.{key}": (config["images"].get(key), found["images"].get(key)) for key in ("name", *SOURCES)}
    pairs |= {f"evaluation.{key}": (config["evaluation"][key], found["evaluation"][key]) for key in ("samples", "seed")}
    pairs |= {
        f"evaluation.sets ({each['name']})": (each, kept_sets[each["name"]]) for each in config["evaluation"]["sets"]
    }
    for section in SECTIONS:
        pairs |= {f"{section}.{key}": (config[section].get(key), each) for key, each in found.get(section, {}).items()}
    for key, (value, other) in pairs.items():
        if value != other:
            raise ConfigError(_sentence(kept, key, str(value), str(other)))


def _sentence(kept: Path, key: str, asked: str, has: str) -> str:
    return (
        f"config key '{key}' asks for {asked}, and {kept}/summary.nc, which figures and claims are drawn from, has "
        f"{has}; ask for what was kept, or leave out the key 'kept', or name the targets cube and summary alone."
    )
