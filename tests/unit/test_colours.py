"""Colours as a deuteranope sees them: what a figure tells apart by colour alone stays apart."""

from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from aespectra.explorer import charts
from aespectra.figures import detection, seeds, style

DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
"""On linear RGB; Machado, Oliveira and Fernandes (2009), severity 1."""

TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
"""Of linear sRGB, white D65."""

NOTICED = 10.0
"""Difference in CIELAB, of which 2.3 is just noticeable side by side: what is told apart at a distance as well."""


def lab(color: str | tuple, seen: np.ndarray) -> np.ndarray:
    rgb = np.array(mpl.colors.to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(seen @ linear, 0, 1) / (TO_XYZ @ np.ones(3))
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(one: str | tuple, other: str | tuple, seen: np.ndarray = DEUTERANOPIA) -> float:
    return float(np.linalg.norm(lab(one, seen) - lab(other, seen)))


def test_the_simulation_is_one_of_deuteranopia():
    """It confuses the pair that they confuse, and leaves grays and blue against yellow alone."""
    green_like_red = (0.72, 0.47, 0.0), (0.4, 0.6, 0.05)
    assert difference(*green_like_red) < 0.35 * difference(*green_like_red, np.eye(3))
    assert difference("0.2", "0.7") == pytest.approx(difference("0.2", "0.7", np.eye(3)), abs=0.5)
    assert difference("blue", "yellow") > 100
    assert difference("white", "black", np.eye(3)) == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize(
    "colors",
    [
        [look.color for look in style.JACOBIANS.values()],
        [look.tint for look in style.JACOBIANS.values()],
        list(seeds.COLORS.values()),
        list(detection.COLORS.values()),
        [charts.TRAIN, charts.SHOWN, charts.CHOSEN],
    ],
    ids=["Jacobians", "boxes", "verdicts", "detectors", "explorer"],
)
def test_a_deuteranope_tells_them_apart(colors):
    for pair in combinations(colors, 2):
        assert difference(*pair) > NOTICED, pair


@pytest.mark.parametrize("others", [1, 4, 10, 22])
def test_sets_differ_in_marker_or_in_what_a_deuteranope_sees(others):
    """D_train is apart from all by colour alone, and no set is taken for one twelve further."""
    names = [f"set-{number}" for number in range(others + 1)]
    means = np.linspace(0, 1, others + 1)
    looks = list(style.dataset_looks(xr.Dataset(coords={"dataset": names, "mean_pixel": ("dataset", means)})).values())
    for look in looks[1:]:
        assert difference(looks[0].color, look.color) > NOTICED
    for one, other in combinations(looks, 2):
        assert one.marker != other.marker or difference(one.color, other.color) > NOTICED


def test_darker_sets_stay_darker():
    """The order of the sets, which their colours follow, is one of lightness."""
    names = [f"set-{number}" for number in range(11)]
    data = xr.Dataset(coords={"dataset": names, "mean_pixel": ("dataset", np.linspace(0, 1, 11))})
    lightness = [lab(look.color, DEUTERANOPIA)[0] for look in style.dataset_looks(data).values()]
    assert (np.diff(lightness) > 2).all()
