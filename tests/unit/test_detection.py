"""Detection by one network: what is in, what is out, what the detector is fitted on; tables, page and figure."""

from pathlib import Path

import numpy as np
import pytest
import torch
from aespectra.data.pixels import write_dataset
from aespectra.figures.detection import draw
from aespectra.models.checkpoint import load_checkpoint
from aespectra.models.families import autoencoder as plain
from aespectra.report.detection import markdown_scores, markdown_sets, write_detection_page
from aespectra.slabs.compute import block_spectra, write_slab
from aespectra.summary import detection
from aespectra.summary.battery import MAIN, read_rows, worst_and_mean, write_rows, write_rows_of_study
from aespectra.summary.curves import separation
from aespectra.summary.detection import Battery, write_detection
from aespectra.summary.detector import Detector

from .conftest import SMALL_ARCHITECTURE

IMAGES, TRAINED, SAMPLES = 1200, 1000, 600
"""D_train's points are every second of the images: the first 500 of them were trained on."""
MADE_FOR = {"family": "autoencoder", "latent_dim": 5, "seed": 1, "autoencoder": SMALL_ARCHITECTURE}


@pytest.fixture(scope="module")
def study(tmp_path_factory, small_digits, small_checkpoints):
    """A slab of D_train, the same images dimmed, others dimmed, and noise; and their pixels."""
    folder = tmp_path_factory.mktemp("detection")
    rng = np.random.default_rng(0)
    train = small_digits[:IMAGES:2]
    sets = {
        "digits": train,
        "dimmed": train / 2,
        "held-out": small_digits[-SAMPLES:] / 2,
        "uniform": rng.random((SAMPLES, 64), np.float32),
    }
    for name, pixels in sets.items():
        write_dataset(folder / f"{name}.nc", name, [pixels.astype(np.float32)], {})
    paths = [folder / f"{name}.nc" for name in sets]
    checkpoint = small_checkpoints["autoencoder", 5, 1]
    slab = folder / "autoencoder" / "d5_seed1.nc"
    write_slab(slab, checkpoint, plain, MADE_FOR, paths, SAMPLES, {"precision": "float64"})
    network, _ = load_checkpoint(checkpoint, plain, MADE_FOR | {"image_shape": (64,)})
    return slab, checkpoint, paths, sets, network.double()


def measure(path: Path, study: tuple, battery: Battery, **changed: int) -> dict[tuple[str, str], dict]:
    slab, checkpoint, paths, _, _ = study
    sizes = {"training_images": TRAINED, "all_images": IMAGES} | changed
    write_detection(path, slab, checkpoint, plain, MADE_FOR, paths, battery, **sizes)
    return {(row["dataset"], row["detector"]): row for row in read_rows(path)}


def scored(network, fitted: np.ndarray, *others: np.ndarray) -> list[dict[str, np.ndarray]]:
    """Scores in one go from the network itself, without slab or blocks."""

    def of(pixels: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        with torch.no_grad():
            return network.encoder(torch.from_numpy(pixels).double()).numpy(), block_spectra(network, pixels)

    detector = Detector(*of(fitted))
    return [detector.scores(*of(each)) for each in others]


def test_points_are_those_of_their_set_whatever_the_order_of_the_files(tmp_path, study):
    slab, checkpoint, paths, *rest = study
    found = measure(tmp_path / "d.csv", study, NEAR)
    assert measure(tmp_path / "again.csv", (slab, checkpoint, paths[::-1], *rest), NEAR) == found
    with pytest.raises(ValueError, match=r"^the files are of the sets digits, dimmed, the spectra of digits, dimmed, "):
        measure(tmp_path / "other.csv", (slab, checkpoint, paths[:2], *rest), NEAR)


NEAR = Battery({"dimmed": "near", "uniform": "noise"}, of_train=["dimmed"])


def test_in_are_the_images_held_out_and_the_detector_sees_those_trained_on(tmp_path, study, monkeypatch):
    monkeypatch.setattr(detection, "BLOCK", 64)  # several blocks, some of which have points of either kind
    found = measure(tmp_path / "d.csv", study, NEAR)
    sets, network = study[3:]
    train, held_out = sets["digits"][:500], sets["digits"][500:]
    inside, dimmed, noise = scored(network, train, held_out, sets["dimmed"][500:], sets["uniform"])
    for name, outside in (("dimmed", dimmed), ("uniform", noise)):
        for score in (*MAIN, "alone_input_trace", "alone_log_between"):
            row, expected = found[name, score], separation(inside[score], outside[score])
            assert (row["n_in"], row["n_out"], row["inside"]) == (100, len(outside[score]), detection.OF_TRAIN)
            # the slab has float32: points whose scores are all but the same may change places
            assert row["auroc"] == pytest.approx(expected.auroc, abs=2e-3), score
            assert row["fpr95"] == pytest.approx(expected.fpr95, abs=0.03), score
    assert {row["group"] for row in found.values()} == {"near", "noise"}


def test_a_set_of_images_held_out_takes_their_place(tmp_path, study):
    found = measure(tmp_path / "d.csv", study, Battery({"uniform": "noise"}, inside="held-out"))
    sets, network = study[3:]
    inside, outside = scored(network, sets["digits"][:500], sets["held-out"], sets["uniform"])
    row = found["uniform", "union_knn"]
    assert (row["n_in"], row["n_out"]) == (SAMPLES, SAMPLES)
    assert row["auroc"] == pytest.approx(separation(inside["union_knn"], outside["union_knn"]).auroc, abs=2e-3)


def test_what_is_out_of_distribution_changes_no_other_number(tmp_path, study):
    """The detector is fitted on training points alone."""
    both = measure(tmp_path / "both.csv", study, NEAR)
    one = measure(tmp_path / "one.csv", study, Battery({"uniform": "noise"}))
    assert all(both[key] == row for key, row in one.items())


def test_the_same_network_gives_the_same_bytes(tmp_path, study):
    measure(tmp_path / "a.csv", study, NEAR)
    measure(tmp_path / "b.csv", study, NEAR)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_noise_stands_out_of_digits(tmp_path, study):
    found = measure(tmp_path / "d.csv", study, NEAR)
    assert found["uniform", "reconstruction"]["auroc"] > 0.95
    assert found["uniform", "union_mahalanobis"]["auroc"] > 0.8  # of a network trained for three epochs


def rows(auroc=lambda score, name, d, seed: 0.5) -> list[dict]:
    sets = {"dimmed": "near", "blurred": "near", "fashion": "far", "uniform": "noise"}
    return [
        {"family": "autoencoder", "latent_dim": float(d), "seed": float(seed), "dataset": name, "group": group}
        | {"inside": "held-out", "detector": score, "n_in": 100.0, "n_out": 90.0}
        | dict.fromkeys(("auroc", "auroc_low", "auroc_high"), auroc(score, name, d, seed))
        | dict.fromkeys(("aupr_out", "aupr_in", "fpr95"), 0.25)
        for d in (2, 8)
        for seed in (0, 1)
        for name, group in sets.items()
        for score in MAIN
    ]


def test_groups_count_alike_in_the_mean_and_the_worst_is_of_one_set():
    areas = {"dimmed": 0.2, "blurred": 0.4, "fashion": 0.9, "uniform": 1.0}
    found = worst_and_mean(rows(lambda score, name, d, seed: areas[name] - 0.1 * seed))
    assert found["mean"]["union_knn", 8, 0] == pytest.approx((0.3 + 0.9 + 1) / 3)
    assert found["worst"]["union_knn", 8, 0] == pytest.approx(0.2)
    assert found["worst"]["union_knn", 2, 1] == pytest.approx(0.1)


def test_tables_are_read_as_they_were_written_and_stand_in_the_order_of_the_networks(tmp_path):
    parts = []
    for d, seed in ((2, 0), (2, 1), (8, 0), (8, 1)):
        path = tmp_path / "autoencoder" / f"d{d}_seed{seed}.csv"
        path.parent.mkdir(exist_ok=True)
        write_rows(path, [row for row in rows() if (row["latent_dim"], row["seed"]) == (d, seed)])
        parts.append(path)
    write_rows_of_study(tmp_path / "all.csv", parts)
    assert read_rows(tmp_path / "all.csv") == rows()


def test_the_page_and_the_table_say_mean_and_worst(tmp_path):
    made = rows(lambda score, name, d, seed: 0.75 if name == "uniform" else 0.25 + 0.5 * seed)
    write_detection_page(tmp_path / "d.html", made)
    text = (tmp_path / "d.html").read_text()
    assert "0.42 / 0.25, 0.75 / 0.75" in text
    assert "uniform" in text
    assert "union knn" in text
    lines = markdown_scores(made).splitlines()
    assert lines[0].split("|")[1:4] == [" score ", " d = 2 ", " d = 8 "]
    assert "0.42 / 0.25, 0.75 / 0.75" in lines[2]
    of_sets = markdown_sets(made).splitlines()
    assert of_sets[2].split("|")[1:4] == [" near: dimmed ", " 90 ", " 0.25 "]
    assert len(of_sets) == 2 + 4


def test_the_figure_shows_the_weaker_seed_and_a_line_a_network():
    figure = draw(rows(lambda score, name, d, seed: 0.9 - 0.25 * seed - 0.01 * d))
    table, mean, worst = figure.axes
    assert {text.get_text() for text in table.texts} == {"0.57"}
    assert [label.get_text() for label in table.get_yticklabels()][:3] == [
        "near: Dimmed",
        "near: Blurred",
        "far: Fashion",
    ]
    for ax in (mean, worst):
        lines = [line for line in ax.lines if len(line.get_xdata()) == 2 and set(line.get_xdata()) == {2, 8}]
        assert len(lines) == 2 * len(MAIN)
        np.testing.assert_allclose(sorted(line.get_ydata()[0] for line in lines)[:2], 0.63)
