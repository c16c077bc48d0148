"""Which evaluation sets detection is asked about, and in which group each stands."""

from collections.abc import Mapping
from typing import Any

GROUPS = ("near", "far", "noise")
"""As OpenOOD has them: changed images of those learned from, and letters; other images; noise."""

KINDS_OF_GROUPS = {"distribution": "noise", "glyphs": "near"}


def battery(sets: Mapping[str, Mapping[str, Any]], d_train: str) -> dict[str, Any]:
    """What rule ``detection_of_network`` tells its script.

    Parameters
    ----------
    sets : Mapping[str, Mapping]
        Entries of ``evaluation.sets`` by their names.
    d_train : str
        Name of the images that the study learns from.

    Returns
    -------
    dict
        ``groups``, the group of every set out of distribution, by groups in the order of GROUPS; ``of_train``, those of
        them that are made of images of D_train, of which networks learned from some; ``inside``, the set of images held
        out, where there is one, which are then those in distribution.
    """
    inside = next((name for name, each in sets.items() if "held_out" in each), None)

    def source(name: str) -> str:
        """What a set is a corruption of, in the end; itself if it is none."""
        return source(sets[name]["of"]) if "of" in sets.get(name, {}) else name

    def group(name: str) -> str:
        if source(name) in (d_train, inside):
            return "near"
        return next((group for kind, group in KINDS_OF_GROUPS.items() if kind in sets[source(name)]), "far")

    outside = [name for name, each in sets.items() if "held_out" not in each]
    groups = {name: group(name) for name in sorted(outside, key=lambda name: GROUPS.index(group(name)))}
    of_train = [name for name in groups if source(name) == d_train]
    return {"groups": groups} | ({"inside": inside} if inside else {}) | {"of_train": of_train}
