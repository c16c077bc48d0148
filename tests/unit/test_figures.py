"""The figures draw what the summary says, for any study, and the same bytes every time; their captions render."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import docutils.core
import jinja2
import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
import yaml
from aespectra.figures import style
from aespectra.summary.alive import for_figures
from aespectra.summary.file import Summary, of_family, open_summary
from aespectra.summary.geometry_statistics import THRESHOLDS
from aespectra.summary.statistics import PLANE_BINS, QUANTILES
from matplotlib.axes import Axes
from matplotlib.figure import Figure

pytestmark = pytest.mark.filterwarnings("error")

PROJECT = Path(__file__).parents[2]

MODULES = [*(f"figure_{number}" for number in range(1, 7)), "complex_plane", "training_curves", "reconstructions"]
MODULES += ["singular_values", "local_dimension", "geometry"]

SETS = {"digits": 0.3, "light_$set": 0.9, "beta-0.8-5": 0.138, "gray": 0.5, "other-gray": 0.5}
REPRESENTATIVES = {"bright": "light_$set", "moderate": "gray", "dark": "beta-0.8-5"}
LATENT_DIMS = [8, 3, 5]
PANELS = ["digits", *REPRESENTATIVES.values()]

BY_JACOBIAN = {
    **dict.fromkeys(("mean_abs", "geometric_mean", "log_abs_std", "zero_share", "real_share"), ()),
    **dict.fromkeys(("reversed_share", "undefined_share", "plane_outside_share"), ()),
    **dict.fromkeys(("log_abs_quantiles", "abs_arg_quantiles"), ("quantile",)),
    **dict.fromkeys(("log_abs_whiskers", "abs_arg_whiskers"), ("whisker",)),
    "plane_density": ("plane_imag", "plane_real"),
    **dict.fromkeys(("singular_zero_share", "flat_share", "departure_mean"), ()),
    **dict.fromkeys(("log_singular_quantiles", "log_condition_quantiles", "departure_quantiles"), ("quantile",)),
    "log_singular_whiskers": ("whisker",),
    "local_dimension": ("threshold",),
}
OF_POINTS = {
    **dict.fromkeys(("same_pattern_share", "difference_mean", "flattened_share"), ()),
    **dict.fromkeys(("difference_quantiles", "log_volume_quantiles"), ("quantile",)),
}


def make_summary(latent_dims=(2, 3, 8, 20), seeds=(0, 1), families=("autoencoder",), pixels=16) -> Summary:
    """A summary of random numbers, quantiles and whiskers in rising order."""
    random = np.random.default_rng(0)
    of_seeds = {"family": list(families), "latent_dim": list(latent_dims), "dataset": list(SETS), "seed": list(seeds)}
    pooled = {dim: values for dim, values in of_seeds.items() if dim != "seed"}
    labels = {
        "jacobian": ["input", "latent"],
        "quantile": list(QUANTILES),
        "whisker": ["low", "high"],
        "threshold": list(THRESHOLDS),
    }
    sizes = {dim: len(values) for dim, values in (of_seeds | labels).items()}
    sizes |= {"plane_imag": PLANE_BINS, "plane_real": 2 * PLANE_BINS, "epoch": 5, "example": 2, "pixel": pixels}

    def numbers(*dims: str) -> tuple[tuple[str, ...], np.ndarray]:
        values = random.uniform(0, 1, [sizes[dim] for dim in dims])
        return dims, np.sort(values) if dims[-1] in ("quantile", "whisker") else values

    def statistics(grid: dict) -> xr.Dataset:
        variables = {name: numbers(*grid, "jacobian", *dims) for name, dims in BY_JACOBIAN.items()}
        variables |= {name: numbers(*grid, *dims) for name, dims in OF_POINTS.items()}
        return xr.Dataset(variables, grid | labels | {"mean_pixel": ("dataset", list(SETS.values()))})

    by_seed = statistics(of_seeds)
    by_seed["loss"] = numbers("family", "latent_dim", "seed", "epoch")
    by_seed["reconstruction"] = numbers("family", "latent_dim", "seed", "dataset", "example", "pixel")
    by_seed["original"] = numbers("dataset", "example", "pixel")
    return Summary(by_seed.assign_attrs(samples=100), statistics(pooled))


def filled(value: float) -> Summary:
    """A study with ``value`` for every statistic."""
    return Summary(*(xr.full_like(data, value) for data in make_summary()))


def draw(module: str, summary: Summary, family: str = "autoencoder") -> Figure:
    study, arguments = for_figures(of_family(summary, family), dead=2, points=1), {}
    if module not in ("figure_2", "figure_4", "figure_5", "training_curves", "geometry"):
        arguments["representatives"] = REPRESENTATIVES
    if module in ("complex_plane", "local_dimension"):
        arguments["latent_dims"] = LATENT_DIMS
    if module == "reconstructions":
        arguments["seed"] = study.by_seed["seed"].values[-1]
    return import_module(f"aespectra.figures.{module}").draw(study, **arguments)


def lay_out(figure: Figure) -> Figure:
    with style.paper():
        figure.draw_without_rendering()
    return figure


def panels_and_strips(figure: Figure) -> tuple[list[Axes], list[Axes]]:
    """Of a figure of four sets, whose axes come row by row."""
    return [*figure.axes[0:2], *figure.axes[4:6]], [*figure.axes[2:4], *figure.axes[6:8]]


STUDIES = {
    "two seeds": make_summary(),
    "one of each": make_summary(latent_dims=(4,), seeds=(0,)),
    "many latent dims": make_summary(latent_dims=range(2, 34), seeds=(7,)),
    "five seeds": make_summary(latent_dims=(2, 100), seeds=range(5)),
    "nan": filled(np.nan),
    "zero": filled(0),
    "equal": filled(0.5),
}


@pytest.mark.long
@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize("module", MODULES)
def test_any_study_is_drawn_without_a_warning_and_legends_cover_no_panel(module, study):
    figure = lay_out(draw(module, STUDIES[study]))
    for legend in figure.legends:
        assert all(ax.get_window_extent().y0 > legend.get_window_extent().y1 for ax in figure.axes)


@pytest.mark.long
@pytest.mark.parametrize("module", MODULES)
def test_a_figure_shows_its_own_family(module, tmp_path):
    several = make_summary(families=("autoencoder", "vae"))
    alone = Summary(*(data.sel(family=["vae"]) for data in several))
    drawn = []
    for summary, family in ((several, "vae"), (alone, "vae"), (several, "autoencoder")):
        style.save(draw(module, summary, family), tmp_path / "figure.svg")
        drawn.append((tmp_path / "figure.svg").read_bytes())
    assert drawn[0] == drawn[1] != drawn[2]


def test_one_family_is_read_alone(tmp_path):
    summary = make_summary(families=("autoencoder", "vae"))
    path = tmp_path / "summary.nc"
    for mode, group, data in (("w", None, summary.by_seed), ("a", "pooled", summary.pooled)):
        data.to_netcdf(path, mode=mode, group=group)
    for found, data in zip(open_summary(path, "vae"), summary, strict=True):
        xr.testing.assert_equal(found, data.isel(family=[1]))
    with pytest.raises(ValueError, match="no family 'nobody'; it has autoencoder, vae"):
        open_summary(path, "nobody")


@pytest.mark.parametrize("module", MODULES)
def test_a_title_above_a_figure_lies_on_none_of_its_panels(module):
    figure = draw(module, make_summary())
    with style.paper():
        title = figure.suptitle("a family")
    lay_out(figure)
    assert title.get_window_extent().y1 <= figure.bbox.y1
    assert all(ax.get_tightbbox().y1 <= title.get_window_extent().y0 for ax in figure.axes)


@pytest.mark.parametrize(
    ("module", "rows"),
    [
        ("figure_2", ["mean_abs", "geometric_mean"]),
        ("figure_4", ["log_abs_std"]),
        ("figure_5", ["reversed_share", "undefined_share"]),
    ],
)
def test_each_of_a_few_seeds_has_a_line(module, rows):
    summary = make_summary(latent_dims=(8, 2, 20))
    by_seed = summary.by_seed.isel(family=0).sortby("latent_dim")
    axes = iter(draw(module, summary).axes)
    for name in rows:
        for jacobian in ("input", "latent"):
            ax = next(axes)
            for dataset, look in style.dataset_looks(summary.pooled).items():
                lines = [line for line in ax.lines if line.get_color() == look.color]
                where = {"jacobian": jacobian, "dataset": dataset}
                assert all(line.get_xdata().tolist() == [2, 8, 20] for line in lines)
                np.testing.assert_array_equal([line.get_ydata() for line in lines], by_seed[name].sel(where).T)
                assert len({(line.get_linestyle(), line.get_markerfacecolor()) for line in lines}) == 2


def test_figure_1_draws_medians_means_and_the_share_of_equal_patterns():
    summary = make_summary()
    by_seed = summary.by_seed.isel(family=0)
    for dataset, ax, strip in zip(PANELS, *panels_and_strips(draw("figure_1", summary)), strict=True):
        first, second, *means = (line.get_ydata() for line in ax.lines if line.get_marker() != "x")
        medians = by_seed["difference_quantiles"].sel(dataset=dataset, quantile=0.5).transpose("seed", "latent_dim")
        np.testing.assert_array_equal([first, second], medians)
        np.testing.assert_array_equal(means, by_seed["difference_mean"].sel(dataset=dataset).T)
        shares = [bar.get_height() for bar in strip.patches]
        expected = by_seed["same_pattern_share"].sel(dataset=dataset).transpose("seed", "latent_dim")
        np.testing.assert_array_equal(shares, expected.values.ravel())


@pytest.mark.parametrize(
    ("module", "name", "share"), [("figure_3", "log_abs", "zero_share"), ("figure_6", "abs_arg", "real_share")]
)
def test_boxes_are_the_quartiles_and_whiskers_of_the_summary(module, name, share):
    summary = make_summary(latent_dims=(20, 2, 8))
    by_seed, pooled = (data.isel(family=0).sortby("latent_dim") for data in summary)
    figure = lay_out(draw(module, summary))
    for dataset, ax, strip in zip(PANELS, *panels_and_strips(figure), strict=True):
        assert [tick.get_text() for tick in strip.get_xticklabels()] == ["2", "8", "20"]
        # all of J_I before all of J_L, in each the latent dimensions in order
        cells = (
            pooled.sel(dataset=dataset).transpose("jacobian", "latent_dim", ...).stack(box=("jacobian", "latent_dim"))
        )
        quantiles, whiskers = cells[f"{name}_quantiles"], cells[f"{name}_whiskers"]
        boxes = np.array([box.get_path().get_extents().intervaly for box in ax.patches])
        np.testing.assert_array_equal(boxes.T, quantiles.sel(quantile=[0.25, 0.75]))
        medians = [line.get_ydata()[0] for line in ax.lines if line.get_color() == "black"]
        np.testing.assert_array_equal(medians, quantiles.sel(quantile=0.5))
        colors = [look.color for look in style.JACOBIANS.values()]
        drawn = [line for line in ax.lines if line.get_color() in colors and line.get_linestyle() == "-"]
        ends = np.array([line.get_ydata()[1] for line in drawn]).reshape(-1, 2)
        np.testing.assert_array_equal(ends.T, whiskers)
        seeds = [line.get_ydata() for line in ax.lines if line.get_color() == "white"]
        medians = by_seed[f"{name}_quantiles"].sel(dataset=dataset, quantile=0.5)
        np.testing.assert_array_equal(np.reshape(seeds, (2, 2, 3)), medians.transpose("jacobian", "seed", "latent_dim"))
        shares = by_seed[share].sel(dataset=dataset).transpose("jacobian", "seed", "latent_dim").values
        np.testing.assert_array_equal([bar.get_height() for bar in strip.patches], shares.ravel())


def test_the_complex_plane_holds_the_share_of_all_eigenvalues_in_both_halves():
    summary = make_summary()
    figure = draw("complex_plane", summary)
    outside = summary.pooled["plane_outside_share"].isel(family=0).sel(jacobian="input")
    cells = [(dataset, latent_dim) for dataset in PANELS for latent_dim in (8, 3)]
    for (dataset, latent_dim), ax in zip(cells, figure.axes, strict=False):
        share = ax.images[0].get_array()
        np.testing.assert_array_equal(share, share[::-1])
        np.testing.assert_allclose(share.sum(), 1 - outside.sel(dataset=dataset, latent_dim=latent_dim))
        assert f"$d$ = {latent_dim}" == ax.get_title("left")


def test_the_complex_plane_is_shown_at_other_latent_dims_where_none_of_the_configured_exists():
    figure = draw("complex_plane", make_summary(latent_dims=(10, 12, 14, 16, 18, 20, 22)))
    assert [ax.get_title("left") for ax in figure.axes[:4]] == [
        f"$d$ = {latent_dim}" for latent_dim in (10, 14, 18, 22)
    ]


def test_reconstructions_stand_beside_their_originals_with_d_train_last():
    summary = make_summary()
    summary.by_seed["reconstruction"] *= -1
    ax = draw("reconstructions", summary).axes[0]
    mosaic = ax.images[0].get_array().filled(np.nan)
    original = summary.by_seed["original"].sel(dataset="light_$set").values.reshape(2, 4, 4)
    np.testing.assert_array_equal(mosaic[:4, :4], original[0])
    np.testing.assert_array_equal(mosaic[5:9, :4], original[1])
    np.testing.assert_array_equal(mosaic[-4:, -4:], 0)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["$x$", "2", "3", "8", "20"]
    assert ax.get_yticklabels()[-1].get_text() == r"$D_\mathrm{train}$ (digits)"


@pytest.mark.parametrize("shape", [(1, 3, 10), (1, 20, 8), (3, 4, 4), (3, 5, 12)], ids=str)
def test_images_of_any_shape_and_colour_are_drawn_as_they_are(shape):
    channels, height, width = shape
    summary = make_summary(pixels=channels * height * width)
    summary.by_seed.attrs["image_shape"] = np.array(shape)
    figure = lay_out(draw("reconstructions", summary))
    mosaic = np.ma.filled(figure.axes[0].images[0].get_array(), np.nan)
    gap, wide = max(1, round(width / 10)), round(0.4 * width)
    here = summary.by_seed.sel(dataset="light_$set")
    columns = [here["original"], *(here["reconstruction"].isel(family=0, seed=1, latent_dim=i) for i in range(4))]
    for column, images in enumerate(columns):
        left = column * (width + gap) + wide * (column > 0)
        for row, image in enumerate(images.transpose("example", "pixel").values.reshape(2, *shape)):
            shown = mosaic[row * (height + gap) :, left:][:height, :width]
            if channels == 1:
                np.testing.assert_array_equal(shown, image[0])
            else:
                np.testing.assert_array_equal(shown[..., :3], image.transpose(1, 2, 0))
                assert (shown[..., 3] == 1).all()
    between = mosaic[height : height + gap]
    assert np.isnan(between).all() if channels == 1 else (between == 0).all()
    assert figure.get_size_inches()[0] <= style.DOUBLE_COLUMN


@pytest.mark.parametrize("epochs", [5, 3])
def test_losses_are_drawn_by_seed_and_after_training(epochs):
    summary = make_summary(latent_dims=(8, 2))
    # nan from there on, as where another family was trained for five
    summary.by_seed["loss"] = summary.by_seed["loss"].where(xr.DataArray(np.arange(5), dims="epoch") < epochs)
    loss = summary.by_seed["loss"].isel(family=0, epoch=slice(epochs)).sortby("latent_dim")
    *of_seeds, last = draw("training_curves", summary).axes
    for seed, ax in enumerate(of_seeds):
        np.testing.assert_array_equal([line.get_ydata() for line in ax.lines], loss.sel(seed=seed))
        joined, *ends = last.lines[3 * seed :][:3]
        np.testing.assert_array_equal(joined.get_ydata(), loss.sel(seed=seed).isel(epoch=-1))
        np.testing.assert_array_equal([end.get_ydata()[0] for end in ends], joined.get_ydata())
        assert [line.get_color() for line in ax.lines] == [end.get_color() for end in ends]


def test_colours_go_from_dark_to_bright_sets_and_d_train_is_black():
    looks = style.dataset_looks(make_summary().pooled)
    assert list(looks) == ["digits", "beta-0.8-5", "gray", "other-gray", "light_$set"]
    luminance = [np.dot(mpl.colors.to_rgb(look.color), (0.2126, 0.7152, 0.0722)) for look in looks.values()]
    assert luminance[0] == 0
    assert luminance == sorted(set(luminance))
    assert len({look.marker for look in looks.values()}) == len(looks)


def test_a_set_has_one_colour_in_all_figures():
    summary = make_summary()
    looks = style.dataset_looks(summary.pooled)
    for dataset, ax in zip(PANELS, panels_and_strips(draw("figure_1", summary))[0], strict=True):
        assert {line.get_color() for line in ax.lines} == {looks[dataset].color}
    for module in ("figure_2", "figure_4", "figure_5"):
        handles = draw(module, summary).legends[0].legend_handles
        drawn = {handle.get_label(): handle.get_color() for handle in handles[: len(looks)]}
        assert drawn == {look.label: look.color for look in looks.values()}


def test_many_sets_have_looks():
    names = [f"set-{number}" for number in range(30)]
    looks = style.dataset_looks(xr.Dataset(coords={"dataset": names, "mean_pixel": ("dataset", np.linspace(0, 1, 30))}))
    assert len({look.color for look in looks.values()}) == 30


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("bernoulli-0.13", "Bernoulli .13"),
        ("beta-0.8-5", "Beta .8, 5"),
        ("truncated-normal", "Truncated normal"),
        ("FashionMNIST", "FashionMNIST"),
        ("10.5", "10.5"),
        ("v0.2_$", r"V0.2 \$"),
        ("x", "X"),
    ],
)
def test_labels(name, label):
    assert style.dataset_label(name) == label


@pytest.mark.long
@pytest.mark.parametrize("suffix", ["pdf", "png", "svg"])
@pytest.mark.parametrize("module", ["figure_3", "reconstructions"])
def test_a_figure_is_saved_as_the_same_bytes_every_time(module, suffix, tmp_path):
    figure = draw(module, make_summary())
    paths = [tmp_path / f"{time}.{suffix}" for time in ("first", "again", "redrawn")]
    for path, drawn in zip(paths, (figure, figure, draw(module, make_summary())), strict=True):
        style.save(drawn, path)
    assert len({path.read_bytes() for path in paths}) == 1


def test_settings_of_others_stay_as_they_were():
    before = dict(mpl.rcParams)
    draw("figure_4", make_summary())
    assert dict(mpl.rcParams) == before


@pytest.mark.long
def test_figures_need_no_torch():
    modules = ", ".join(f"aespectra.figures.{module}" for module in MODULES)
    code = f"import sys, {modules}; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT / "workflow", check=True)


@pytest.mark.parametrize("caption", sorted((PROJECT / "workflow" / "report").glob("*.rst")), ids=lambda path: path.stem)
def test_captions_render(caption):
    config = yaml.safe_load((PROJECT / "config" / "config.yaml").read_text())
    config["training"]["checkpoints"] = [0, 3]
    files = SimpleNamespace(networks=["network"], datasets=["dataset"])
    params = SimpleNamespace(arguments={"seed": 0}, training=config["training"])
    wildcards = SimpleNamespace(family="autoencoder")
    snakemake = SimpleNamespace(config=config, params=params, input=files, wildcards=wildcards)
    text = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(caption.read_text())
    html = docutils.core.publish_parts(
        text.render(snakemake=snakemake), writer="html", settings_overrides={"halt_level": 2, "report_level": 2}
    )
    assert "<p>" in html["body"]
