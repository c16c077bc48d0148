"""Where images come from: which module reads those of an entry of the config, and do its files look as if it could?

Imported while the Snakefile is parsed; numpy is imported later, and only where a study has arrays of its own.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from aespectra.data import listing
from aespectra.data.listing import HELD_OUT, BadImagesError

from .config import check_latent_dims, check_samples
from .schema import ConfigError


def reader(entry: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """The module of the library's data wing that reads the images of an entry, and what makes them those they are.

    Parameters
    ----------
    entry : dict
        Section ``images``, or an entry of ``evaluation.sets`` that is an image set.
    """
    match entry:
        case {"folder": folder}:
            return "folder", {"folder": folder}
        case {"file": file}:
            return "arrays", {"file": file}
    return "images", {"name": entry.get("torchvision", entry["name"])}


def arguments(module: str, source: dict[str, str], config: dict[str, Any]) -> dict[str, str]:
    """Those of the module's load_images and load_labels, as ``reader`` names both.

    torchvision's files may lie anywhere and be the same images, so that their folder is no parameter of a job.
    """
    return source | ({"root": config["images"]["root"]} if module == "images" else {})


def made_by(images: dict[str, Any]) -> dict[str, Any]:
    """What files record of the section ``images``: its name, and where images of one's own come from."""
    return {"images": images["name"]} | {key: value for key, value in images.items() if key not in ("name", "root")}


@cache  # for the jobs of one run
def state_of_folder(folder: str | None) -> str:
    """What changes when images of a folder do: an input that stands for all of its files, however many."""
    return listing.digest(folder) if folder else ""


def check_sources(config: dict[str, Any]) -> None:
    """Raise ConfigError if images of one's own cannot be what an entry says; what is in them is left to the jobs.

    Parameters
    ----------
    config : dict
        Checked.
    """
    for key, entry in _own(config):
        value = entry["folder" if "folder" in entry else "file"]
        try:
            n, pixels = _size(entry)
        except (BadImagesError, OSError) as error:
            raise ConfigError(f"config key '{key}': {error}") from None
        if n is None:
            continue
        check_samples(config, n, value)
        if entry is config["images"]:
            check_latent_dims(config, pixels, value)
            if n < HELD_OUT:
                raise ConfigError(
                    f"config key '{key}' is '{value}', which has {n} images; at least {HELD_OUT} are needed to learn "
                    "from, as every seventh is held out."
                )


def _own(config: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Entries with images of one's own, each with the key that names them."""
    entries = {"images": config["images"]}
    entries |= {f"evaluation.sets.{index}": each for index, each in enumerate(config["evaluation"]["sets"])}
    for key, entry in entries.items():
        for source in ("folder", "file"):
            if source in entry:
                yield f"{key}.{source}", entry


def _size(entry: dict[str, Any]) -> tuple[int | None, float]:
    """How many images there are, and their pixels, as far as that is known without reading them."""
    if "folder" in entry:
        return len(listing.image_files(entry["folder"])), float("inf")
    if not Path(entry["file"]).is_file():
        raise BadImagesError(f"{entry['file']} does not exist; it must be a file .npy or .npz.")
    try:
        from aespectra.data.arrays import images_header
    except ImportError:  # Snakemake may be alone in its environment; the jobs have theirs
        return None, float("inf")
    n, (channels, height, width) = images_header(entry["file"])
    return n, channels * height * width
