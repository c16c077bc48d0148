"""What the explorer shows is what cube and summary have: which points, how many fit, every number decoded."""

import base64
import json
import re
from csv import DictReader

import numpy as np
import pytest
from aespectra.claims.judge import judge
from aespectra.data.pixels import Pixels
from aespectra.explorer import contents, page
from aespectra.explorer.contents import QUANTILES, STATISTICS, contents_of, points_shown, what_fits
from aespectra.explorer.page import write_explorer
from aespectra.explorer.tables import DETECTION, GAUSSIANITY, read_table
from aespectra.slabs.cube import complex_eigenvalues, open_cube, write_virtual_cube
from aespectra.summary.file import open_summary
from aespectra.summary.merge import write_summary
from hypothesis import given
from hypothesis import strategies as st

from .claimed import as_claimed, summary_of
from .explored import MEASURES, write_tables
from .paper_sized import write_pages
from .summaries import CONFIG, FAMILIES, KEYS, LATENT_DIMS, PIXELS, SAMPLES, SEEDS, SETS, Study

POINTS = 7


@pytest.fixture(scope="module")
def study(tmp_path_factory, make_slab):
    folder = tmp_path_factory.mktemp("study")
    made = Study(folder, make_slab)
    write_summary(folder / "summary.nc", made.parts.values(), made.datasets, CONFIG)
    write_virtual_cube(folder / "cube.nc", made.slabs.values(), CONFIG)
    summary = open_summary(folder / "summary.nc")
    return folder, made, summary, *contents_of(folder / "cube.nc", summary, made.datasets, [(POINTS, 3)])


def decoded(text: str, dtype: str, *shape: int) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype).reshape(shape)


@given(st.integers(1, 5000), st.integers(1, 400))
def test_points_are_the_first_and_others_in_order_the_same_every_time(samples, most):
    shown = points_shown(samples, most)
    assert len(shown) == min(samples, max(most, min(3, most)))
    assert (np.diff(shown) > 0).all()
    assert shown[: min(3, most)].tolist() == list(range(min(3, most, samples)))
    assert shown[-1] < samples
    np.testing.assert_array_equal(shown, points_shown(samples, most))


def test_points_are_spread_over_all_samples():
    shown = points_shown(70_000, 100)
    assert np.histogram(shown[3:], 4, (0, 70_000))[0].min() > 12


def test_images_are_those_of_their_set_whatever_the_order_of_the_files(study):
    folder, made, summary, found = study
    (again,) = contents_of(folder / "cube.nc", summary, made.datasets[::-1], [(POINTS, 3)])
    assert again == found
    with pytest.raises(ValueError, match=r"^the files are of the sets digits, uniform, the spectra of digits, uniform"):
        contents_of(folder / "cube.nc", summary, made.datasets[:2], [(POINTS, 3)])


def test_every_eigenvalue_and_number_is_that_of_the_cube(study):
    folder, _, _, found = study
    shown = found["shown"]
    assert len(shown) == POINTS
    with open_cube(folder / "cube.nc") as cube:
        for key in KEYS:
            name = f"{key.family}/{key.latent_dim}/{key.seed}"
            values = decoded(found["eigenvalues"][name], "<f2", 2, len(SETS), POINTS, key.latent_dim, 2)
            cell = cube.sel(key._asdict()).isel(sample=shown)
            expected = complex_eigenvalues(cell).transpose("jacobian", "dataset", "sample", "eigenvalue")
            expected = expected.values[..., : key.latent_dim]
            np.testing.assert_allclose(values[..., 0], expected.real, rtol=1e-3, atol=1e-7)
            np.testing.assert_allclose(values[..., 1], expected.imag, rtol=1e-3, atol=1e-7)
            numbers = decoded(found["numbers"][name], "<f2", 3, len(SETS), POINTS)
            for i, of in enumerate(("latent_norm", "reconstruction_mse", "same_activation_pattern")):
                np.testing.assert_allclose(numbers[i], cell[of].transpose("dataset", "sample"), rtol=1e-3)


def test_statistics_images_and_reconstructions_are_those_of_the_summary(study):
    _, made, summary, found = study
    shape = (len(FAMILIES), len(LATENT_DIMS), len(SETS), len(SEEDS), 2)
    quantiles = decoded(found["quantiles"], "<f4", len(STATISTICS), *shape, len(QUANTILES))
    differences = decoded(found["difference"], "<f4", *shape[:-1], len(QUANTILES))
    reversed_share = decoded(found["reversed"], "<f4", *shape)
    data = summary.by_seed
    for place in np.ndindex(*shape):
        cell = dict(zip(("family", "latent_dim", "dataset", "seed", "jacobian"), place, strict=True))
        for i, name in enumerate(STATISTICS):
            expected = data[f"{name}_quantiles"].isel(cell).sel(quantile=list(QUANTILES))
            np.testing.assert_allclose(quantiles[i][place], expected, rtol=1e-6)
        np.testing.assert_allclose(reversed_share[place], data["reversed_share"].isel(cell), rtol=1e-6)
        cell.pop("jacobian")
        expected = data["difference_quantiles"].isel(cell).sel(quantile=list(QUANTILES))
        np.testing.assert_allclose(differences[place[:-1]], expected, rtol=1e-6)
    images = decoded(found["images"], "u1", len(SETS), POINTS, PIXELS)
    for index, path in enumerate(made.datasets):
        with Pixels(path) as pixels:
            np.testing.assert_array_equal(images[index], np.round(pixels.at(np.array(found["shown"])) * 255))
    for key in KEYS:
        name = f"{key.family}/{key.latent_dim}/{key.seed}"
        made_of = decoded(found["reconstructions"][name], "u1", len(SETS), 3, PIXELS)
        expected = data["reconstruction"].sel(key._asdict()).values
        np.testing.assert_allclose(made_of, np.clip(expected, 0, 1) * 255, atol=0.51)
    assert found["families"] == list(FAMILIES)
    assert (found["latent_dims"], found["seeds"], found["sets"]) == (list(LATENT_DIMS), list(SEEDS), list(SETS))
    assert (found["samples"], found["examples"], found["shape"]) == (SAMPLES, 3, [1, 1, PIXELS])


@pytest.mark.parametrize("most", [3, 10, 29])
def test_as_many_points_fit_as_are_said_to(study, most):
    folder, made, summary, _ = study
    found, less = contents_of(folder / "cube.nc", summary, made.datasets, [(most, 3), (3, 1)])
    # beside names, brackets and the list of points
    size = len(json.dumps(found)) - len(json.dumps(contents_without_arrays(found)))
    fit, examples = what_fits(summary, size)
    assert most - 1 <= fit <= most
    assert examples == 3
    assert what_fits(summary, 10**9) == (200, 3)
    assert what_fits(summary, 0) == (3, 0)
    assert [what_fits(summary, room)[1] for room in (383, 384, 767, 768, 1151, 1152)] == [
        0,
        1,
        1,
        2,
        2,
        3,
    ]  # of 144 bytes
    (alone,) = contents_of(folder / "cube.nc", summary, made.datasets, [(3, 1)])
    assert less == alone
    for key in KEYS:
        name = f"{key.family}/{key.latent_dim}/{key.seed}"
        all_of = decoded(found["reconstructions"][name], "u1", len(SETS), 3, PIXELS)
        first = decoded(less["reconstructions"][name], "u1", len(SETS), 1, PIXELS)
        np.testing.assert_array_equal(first, all_of[:, :1])


def contents_without_arrays(found: dict) -> dict:
    return {
        name: dict.fromkeys(each, "")
        if isinstance(each, dict)
        else ""
        if name in ("images", "quantiles", "difference", "reversed")
        else each
        for name, each in found.items()
    }


def test_what_float16_cannot_hold_is_the_largest_that_it_can():
    assert contents._halves(np.array([1e6, -1e9, 1.0, np.inf])).tolist() == [65504, -65504, 1, 65504]
    assert np.isnan(contents._halves(np.array([np.nan])))


def test_no_name_ends_the_script_that_it_stands_in(study, tmp_path):
    *_, found = study
    name = "</script><script>alert(1)</script>"
    write_explorer(tmp_path / "page.html", "title", found | {"families": [name], "tables": []}, [])
    text = (tmp_path / "page.html").read_text()
    assert name not in text
    (embedded,) = re.findall(r'<script type="application/json" id="contents">(.*?)</script>', text)
    assert json.loads(embedded)["families"] == [name]


def test_the_page_loads_nothing_and_has_everything(study, tmp_path):
    *_, found = study
    rows = judge(summary_of(as_claimed()))
    found = found | {"tables": []}
    write_explorer(tmp_path / "page.html", "A <title>", found, rows)
    text = (tmp_path / "page.html").read_text()
    assert "<title>A &lt;title&gt;</title>" in text
    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)=["\']?(?:http|//|\.|/)', text)
    assert "<!-- " not in text.split("</head>")[1].replace("<!--[if", "")
    (embedded,) = re.findall(r'<script type="application/json" id="contents">(.*?)</script>', text)
    assert json.loads(embedded) == found
    assert all(f"<td>{row['claim']}</td>" in text for row in rows)
    anchors = {place[1:] for place in re.findall(r"href='(#\w+)'", text)}
    assert anchors == set(page.PLACES.values()) - {"gallery", "plane"}
    assert all(f'id="{place}"' in text for place in page.PLACES.values())
    write_explorer(tmp_path / "again.html", "A <title>", found, rows)
    assert (tmp_path / "again.html").read_bytes() == (tmp_path / "page.html").read_bytes()


def test_claims_lead_to_reconstructions_only_where_the_page_has_them(study, tmp_path):
    *_, found = study
    row = judge(summary_of(as_claimed()))[0] | {"figure": "reconstructions"}
    for examples in (0, 1):
        write_explorer(tmp_path / "page.html", "", found | {"tables": [], "examples": examples}, [row])
        assert ("href='#gallery'" in (tmp_path / "page.html").read_text()) == bool(examples)


def test_a_table_has_every_number_of_its_networks_and_nan_where_there_is_none(tmp_path):
    write_tables(tmp_path, KEYS, ["dark", "elsewhere"])
    shown = [key for key in KEYS if key.latent_dim == 2]
    found = read_table(tmp_path / "gaussianity.csv", GAUSSIANITY, ["/".join(map(str, key)) for key in shown])
    assert found["rows"] == [(measure, points) for points in ("z", "draw") for measure in MEASURES]
    assert found["count"] == 2 * 4 + 2 * 2
    assert set(found["numbers"]) == {f"{family}/2/{seed}" for family in FAMILIES for seed in SEEDS}
    with (tmp_path / "gaussianity.csv").open(newline="") as file:
        rows = {
            (row["family"], row["latent_dim"], row["seed"], row["measure"], row["points"]): row
            for row in DictReader(file)
        }
    for key in shown:
        numbers = decoded(found["numbers"]["/".join(map(str, key))], "<f4", 4, 4)
        for labels, mine in zip(found["rows"], numbers, strict=True):
            row = rows.get((*map(str, key), *labels), dict.fromkeys(GAUSSIANITY.numbers.values(), "nan"))
            np.testing.assert_allclose(mine, [float(row[each]) for each in GAUSSIANITY.numbers.values()], rtol=1e-6)
    assert np.isnan(numbers[2:]).all()  # of an autoencoder, which has no draws
    detection = read_table(tmp_path / "detection.csv", DETECTION, ["vae/5/1"])
    assert detection["count"] == len(detection["rows"]) == 4
    assert detection["note"].endswith("In distribution: 1,234 points of held-out.")
    assert read_table(tmp_path / "detection.csv", DETECTION, [])["numbers"] == {}


def test_pages_of_the_paper_s_grid_have_room_for_all_and_say_what_has_none(tmp_path, monkeypatch):
    large, small = write_pages(tmp_path, monkeypatch)
    assert 5_500_000 < large.stat().st_size < 6_000_000
    assert 1_700_000 < small.stat().st_size < 1_800_000
    of = {path: json.loads(re.findall(r'id="contents">(.*?)</script>', path.read_text())[0]) for path in (large, small)}
    assert len(of[large]["shown"]) >= 40
    assert of[large]["examples"] == 3
    assert [len(table["numbers"]) for table in of[large]["tables"]] == [38, 38]
    assert len(of[small]["shown"]) >= 3
    detection, gaussianity = of[small]["tables"]
    assert detection["numbers"] == {}
    assert detection["note"].startswith("10,640 rows: too many for this page; explorer.html and detection.csv")
    assert len(gaussianity["numbers"]) == 38
