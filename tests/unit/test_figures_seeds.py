"""What figures do with many seeds, dead bottlenecks, few points and lines that lie on each other; and for a talk."""

from importlib import import_module

import numpy as np
import pytest
import xarray as xr
from aespectra.figures import panels, style
from aespectra.summary.alive import for_figures
from aespectra.summary.file import Summary, of_family
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text

from .test_figures import MODULES, REPRESENTATIVES, draw, lay_out, make_summary

pytestmark = pytest.mark.filterwarnings("error")


def test_many_seeds_are_a_median_in_a_band():
    summary = make_summary(seeds=range(5))
    ax = draw("figure_4", summary).axes[0]
    values = summary.by_seed["log_abs_std"].isel(family=0).sel(jacobian="input")
    for band, (dataset, look) in zip(ax.collections, style.dataset_looks(summary.pooled).items(), strict=True):
        (line,) = [line for line in ax.lines if line.get_color() == look.color]
        of_set = values.sel(dataset=dataset)
        np.testing.assert_allclose(line.get_ydata(), of_set.median("seed"))
        edge = band.get_paths()[0].vertices[:, 1]
        assert {*of_set.min("seed").values, *of_set.max("seed").values} <= set(edge)


def with_dead(summary: Summary, latent_dim: int, seed: int) -> Summary:
    """One network's bottleneck is dead, and no other's."""
    undefined = summary.by_seed["undefined_share"] / 10
    where = {"latent_dim": latent_dim, "seed": seed, "dataset": "digits", "jacobian": "input"}
    undefined.loc[where] = 0.9
    return Summary(summary.by_seed.assign(undefined_share=undefined), summary.pooled)


def shown(module: str, summary: Summary, points: float = 1, **arguments: object) -> tuple[Figure, xr.Dataset]:
    study = for_figures(of_family(summary, "autoencoder"), dead=0.5, points=points)
    return import_module(f"aespectra.figures.{module}").draw(study, **arguments), study.by_seed


def test_a_dead_bottleneck_is_a_cross_through_which_no_line_goes():
    figure, data = shown("figure_4", with_dead(make_summary(), 8, 1))
    assert [text.get_text() for text in figure.legends[0].get_texts()][-1] == "bottleneck dead"
    for dataset, look in style.dataset_looks(data).items():
        first, second, cross = [line.get_ydata() for line in figure.axes[0].lines if line.get_color() == look.color]
        values = data["log_abs_std"].sel(dataset=dataset, jacobian="input").transpose("seed", "latent_dim").values
        np.testing.assert_array_equal(first, values[0])
        np.testing.assert_array_equal(second, np.where([0, 0, 1, 0], np.nan, values[1]))
        np.testing.assert_array_equal(cross, [values[1, 2]])


def test_a_box_is_of_the_networks_alone_that_are_alive():
    figure, data = shown("figure_3", with_dead(make_summary(), 8, 1), representatives=REPRESENTATIVES)
    ax = figure.axes[0]
    alive = data["log_abs_quantiles"].sel(dataset="digits", jacobian="input", latent_dim=8, seed=0)
    box = ax.patches[2].get_path().get_extents().intervaly
    np.testing.assert_array_equal(box, alive.sel(quantile=[0.25, 0.75]))
    medians = [line.get_ydata() for line in ax.lines if line.get_color() == "white"]  # of J_I, then of J_L
    dead = data["dead"].transpose("seed", "latent_dim").values
    np.testing.assert_array_equal(np.isnan(medians), [*dead, *dead])
    places = [line.get_xdata().tolist() for line in ax.lines if line.get_marker() == "x"]
    assert places == [[2]]


def test_the_complex_plane_says_which_seed_is_left_out():
    summary = with_dead(make_summary(), 8, 1)
    figure, data = shown("complex_plane", summary, representatives=REPRESENTATIVES, latent_dims=[3, 8])
    said = [[text.get_text() for text in ax.texts] for ax in figure.axes[:4]]
    assert said == [[], ["without seed 1"]] * 2
    counts = data["plane_density"].sel(latent_dim=8, seed=0, dataset="digits", jacobian="input")
    share = figure.axes[1].images[0].get_array()
    upper = share[len(share) // 2 :]
    np.testing.assert_allclose(upper / upper.sum(), counts / counts.sum())


def test_a_study_all_dead_is_drawn_without_a_warning():
    dead = make_summary()
    dead.by_seed["undefined_share"][:] = 1
    for module, arguments in (
        ("figure_3", {"representatives": REPRESENTATIVES}),
        ("figure_5", {}),
        ("complex_plane", {"representatives": REPRESENTATIVES, "latent_dims": [8]}),
        ("reconstructions", {"representatives": REPRESENTATIVES, "seed": 0}),
        ("training_curves", {}),
    ):
        lay_out(shown(module, dead, **arguments)[0])


def test_shares_of_few_points_are_not_drawn():
    """Of 100 points; fewer than 95 have an orientation where more than .05 are undefined."""
    figure, data = shown("figure_5", with_dead(make_summary(), 8, 1), points=95)
    undefined = data["undefined_share"].sel(dataset="gray", jacobian="latent").transpose("seed", "latent_dim")
    color = style.dataset_looks(data)["gray"].color
    drawn = [line.get_ydata() for line in figure.axes[1].lines if line.get_color() == color][:2]
    known = (undefined.values <= 0.055) & ~data["dead"].transpose("seed", "latent_dim").values
    assert 0 < known.sum() < known.size
    np.testing.assert_array_equal(np.isfinite(drawn), known)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=12), st.floats(0, 1))
def test_labels_keep_their_order_and_their_distance(values, height):
    values = np.sort(values)
    found = panels._apart(values, height)
    rounded = 10.0**-panels.DIGITS  # two places, each off by half a digit
    assert (np.diff(found) >= height - rounded).all()
    if (np.diff(values) >= height).all():
        np.testing.assert_allclose(found, values, rtol=0, atol=rounded)
    assert abs(found.mean() - values.mean()) <= rounded


def test_labels_stand_beside_the_ends_of_lines():
    figure = lay_out(draw("figure_4", make_summary()))
    names = {text.get_text(): text.get_position()[1] for text in figure.axes[1].texts}
    looks = style.dataset_looks(make_summary().pooled)
    assert set(names) == {look.label for look in looks.values()}
    by_seed = make_summary().by_seed.isel(family=0)["log_abs_std"].sel(jacobian="latent", latent_dim=20, seed=0)
    ends = {look.label: float(by_seed.sel(dataset=name)) for name, look in looks.items()}
    assert sorted(names, key=names.get) == sorted(ends, key=ends.get)


@pytest.mark.parametrize("module", MODULES)
def test_a_figure_for_a_talk_is_a_slide_with_larger_type_and_without_detail(module):
    paper, talk = lay_out(draw(module, make_summary())), draw(module, make_summary())
    assert style.styled(talk, "talk") is lay_out(talk)
    assert talk.get_size_inches().tolist() == list(style.SLIDE)
    for artist in talk.findobj(lambda each: each.get_gid() == style.DETAIL):
        assert not artist.get_visible() or artist.get_text() == ""
    said = {text.get_text() for legend in talk.legends for text in legend.get_texts()}
    assert not said & {"1st, 99th percentile", "median of each seed", "mean of each seed"}

    def sizes(figure: Figure) -> set[float]:
        return {text.get_fontsize() for text in figure.findobj(Text) if text.get_text() and text.get_visible()}

    assert min(sizes(talk)) >= 1.5 * 7
    assert max(sizes(talk)) == 1.5 * max(sizes(paper))
    for legend in talk.legends:
        assert all(ax.get_window_extent().y0 > legend.get_window_extent().y1 for ax in talk.axes)
        assert legend.get_window_extent().width < talk.bbox.width


def test_a_figure_for_a_paper_stays_as_it_was_drawn(tmp_path):
    for name in ("drawn", "styled"):
        figure = draw("figure_4", make_summary())
        style.save(style.styled(figure, "paper") if name == "styled" else figure, tmp_path / f"{name}.svg")
    assert (tmp_path / "drawn.svg").read_bytes() == (tmp_path / "styled.svg").read_bytes()
