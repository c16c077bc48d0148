"""The page that says what made a study."""

import html
import re

import netCDF4
import numpy as np
import yaml
from aespectra.data.pixels import write_dataset
from aespectra.files import LIBRARIES
from aespectra.models.autoencoder import Autoencoder
from aespectra.models.checkpoint import save_checkpoint
from aespectra.report.provenance import write_provenance

ARCHITECTURE = {"hidden": [3], "activation": "ReLU", "output_activation": "Tanh"}
CONFIG = {"experiment": "<b> & ü", "latent_dims": [2, 3], "evaluation": {"sets": [{"name": "uniform", "low": 0}]}}


def table(page: str) -> dict[str, list[str]]:
    """The page's table: what follows the first cell of a row, by that cell."""
    rows = [re.findall(r"<t[dh]>(.*?)</t[dh]>", row) for row in re.findall(r"<tr>(.*?)</tr>", page)]
    return {html.unescape(name): [html.unescape(cell) for cell in cells] for name, *cells in rows}


def write(tmp_path, other_version: bool = False) -> str:
    datasets = [tmp_path / f"{number}.nc" for number in range(3)]
    for path in datasets:
        write_dataset(path, "uniform", [np.zeros((2, 4), "f4")], {})
    if other_version:
        with netCDF4.Dataset(datasets[1], "a") as file:
            file.versions = '{"numpy": "0.<1>"}'
    network = tmp_path / "network.safetensors"
    config = {"latent_dim": 2, "pixels": 4, "autoencoder": ARCHITECTURE}
    save_checkpoint(network, Autoencoder((4,), 2, **ARCHITECTURE), config, "A <GPU>")
    write_provenance(tmp_path / "page.html", {"datasets": datasets, "networks": [network]}, CONFIG)
    return (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_column_for_every_kind_of_file_and_a_row_for_every_fact(tmp_path):
    found = table(write(tmp_path))
    assert found.pop("") == ["datasets (3)", "networks (1)"]
    assert set(found) == {"aespectra", "device", "precision", "python", *LIBRARIES}
    assert found["device"] == ["", "A <GPU>"]
    assert found["precision"] == ["", "float32"]
    assert found["numpy"] == [np.__version__] * 2


def test_files_made_by_different_versions_get_columns_of_their_own(tmp_path):
    found = table(write(tmp_path, other_version=True))
    assert found[""] == ["datasets (2)", "datasets (1)", "networks (1)"]
    assert found["numpy"] == [np.__version__, "0.<1>", np.__version__]
    assert found["torch"][1] == ""


def test_the_config_is_yaml(tmp_path):
    (text,) = re.findall(r"<pre>(.*?)</pre>", write(tmp_path), re.DOTALL)
    assert yaml.safe_load(html.unescape(text)) == CONFIG
    assert "latent_dims: [2, 3]" in text


def test_the_page_is_the_same_every_time(tmp_path):
    assert write(tmp_path) == write(tmp_path)
