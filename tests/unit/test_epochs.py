"""Training time as an axis, and the figure of it."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from aespectra.figures import initial_and_trained
from aespectra.figures.epochs import LABELS, draw
from aespectra.slabs.epochs import by_epoch
from aespectra.slabs.grid import Key, epoch_of, key_of
from aespectra.summary.alive import for_figures
from aespectra.summary.file import Summary, of_family, open_summary
from aespectra.summary.merge import write_summary

from . import summaries

EPOCHS = (10, 0, 3)
FAMILIES = [f"{name}@{epoch}" for name in ("b", "a") for epoch in EPOCHS]
REPRESENTATIVES = {"bright": "uniform", "moderate": "dark", "dark": "dark"}


@pytest.fixture(scope="module")
def path(tmp_path_factory, make_slab):
    folder = tmp_path_factory.mktemp("epochs")
    summaries_of = {family: int(epoch_of(family)[1]) for family in FAMILIES}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(summaries, "EPOCHS", summaries_of)
        study = summaries.Study(folder, make_slab, [Key(f, d, s) for f in FAMILIES for d in (5, 2) for s in (3, 1)])
    write_summary(folder / "summary.nc", study.parts.values(), study.datasets, summaries.CONFIG)
    return folder / "summary.nc"


def shown(path: Path, points: float = 1, dead: float = 2) -> Summary:
    """One family as figures show it, no network dead unless said."""
    return for_figures(of_family(Summary(*map(by_epoch, open_summary(path))), "a"), dead, points)


def test_names_say_family_and_epoch():
    assert epoch_of("autoencoder") is None
    assert epoch_of("my-net.2@300") == ("my-net.2", 300)
    assert key_of(Path("models/my-net.2@300/d4_seed1.safetensors")) == Key("my-net.2@300", 4, 1)


def test_every_value_is_at_its_epoch(path):
    summary = open_summary(path)
    for data in summary:
        found = by_epoch(data)
        assert found["family"].values.tolist() == ["b", "a"]
        assert found["epoch"].values.tolist() == [0, 3, 10]
        assert set(found) == set(data) - {"loss"}
        for name, values in found.items():
            if "family" not in data[name].dims:
                xr.testing.assert_identical(values.variable, data[name].variable)
                continue
            assert values.dtype == data[name].dtype
            for family in FAMILIES:
                one, epoch = epoch_of(family)
                ours, theirs = values.sel(family=one, epoch=epoch, drop=True), data[name].sel(family=family, drop=True)
                xr.testing.assert_identical(ours.variable, theirs.variable)
        assert found.attrs == data.attrs


def test_of_initial_weights_there_is_no_loss(path):
    loss = open_summary(path).by_seed["loss"]
    assert loss.sizes["epoch"] == 3  # what the invented curves have at most
    assert loss.sel(family="a@0").isnull().all()
    assert loss.sel(family="a@10").notnull().all()


def test_what_is_no_full_grid_is_refused(path):
    data = open_summary(path).by_seed
    with pytest.raises(ValueError, match=r"^family 'b' lacks epoch 3, at which another was looked at\.$"):
        by_epoch(data.sel(family=[name for name in FAMILIES if name != "b@3"]))
    with pytest.raises(ValueError, match=r"^family 'plain' is not named <family>@<epoch>"):
        by_epoch(data.assign_coords(family=["plain", *FAMILIES[1:]]))


def test_the_figure_shows_every_network(path):
    study = shown(path)
    figure = draw(study, REPRESENTATIVES)
    axes = np.array(figure.axes).reshape(len(LABELS), -1)
    assert axes.shape[1] == 3  # a set that stands for two has one column
    data = study.by_seed.sel(jacobian="input")
    drawn = [line.get_ydata() for line in axes[3, 0].get_lines() if line.get_marker() == "o"]
    expected = [data["zero_share"].isel(dataset=0).sel(latent_dim=d, seed=s).values for d in (2, 5) for s in (3, 1)]
    np.testing.assert_array_equal(drawn, expected)
    medians = [line.get_ydata() for line in axes[0, 1].get_lines() if line.get_marker() == "o"]
    quantiles = data["log_abs_quantiles"].sel(quantile=0.5, dataset="uniform")
    expected = [np.exp(quantiles.sel(latent_dim=d, seed=s)).values for d in (2, 5) for s in (3, 1)]
    np.testing.assert_array_equal(medians, expected)
    assert [text.get_text() for text in axes[-1, 0].get_xticklabels()] == ["0", "3", "10"]


def test_orientation_of_few_points_is_not_drawn(path):
    drawn = {}
    for points in (1, summaries.SAMPLES + 1):
        axes = np.array(draw(shown(path, points), REPRESENTATIVES).axes).reshape(len(LABELS), -1)
        drawn[points] = [line.get_ydata() for line in axes[2, 0].get_lines() if line.get_marker() == "o"]
    assert np.isfinite(drawn[1]).any()
    assert not np.isfinite(drawn[summaries.SAMPLES + 1]).any()


def test_first_and_last_epoch_stand_below_each_other(path):
    study = shown(path)
    figure = initial_and_trained.draw(study, REPRESENTATIVES, [5])
    *panels, _ = figure.axes  # the last is the bar of colours
    assert [ax.get_ylabel().split("\n")[-2] for ax in panels] == ["0 epochs", "10 epochs"] * 2
    shares = [ax.images[0].get_array() for ax in panels]
    for share, (dataset, epoch) in zip(shares, [(0, 0), (0, 10), (1, 0), (1, 10)], strict=True):
        cell = study.pooled.sel(latent_dim=5, jacobian="input", epoch=epoch).isel(dataset=dataset)
        np.testing.assert_allclose(share.sum(), 1 - float(cell["plane_outside_share"]), rtol=1e-12)
        counts = cell["plane_density"].transpose("plane_imag", "plane_real").values
        np.testing.assert_array_equal(share[len(share) // 2 :] > 0, counts > 0)
    assert not np.array_equal(shares[0], shares[1])


def test_a_dead_network_is_a_cross_at_its_epoch(path):
    study = shown(path, dead=float(shown(path).by_seed["undefined_share"].isel(dataset=0).sel(jacobian="input").max()))
    dead = study.by_seed["dead"]
    assert dead.any()
    assert not dead.all()
    figure = draw(study, REPRESENTATIVES)
    assert figure.legends[0].get_texts()[-1].get_text() == "bottleneck dead"
    crosses = [line.get_ydata() for line in figure.axes[0].get_lines() if line.get_marker() == "x"]
    expected = [dead.sel(latent_dim=d, seed=s).values for d in (2, 5) for s in (3, 1)]
    np.testing.assert_array_equal(np.isfinite(crosses), expected)
