"""What the documents tell a reader to type: Snakemake understands its commands, Python runs on a finished study."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import yaml
from snakemake.cli import get_argument_parser

from ..documents import DOCUMENTS, ROOT, blocks, commands, run_python
from .conftest import TINY, Project, copy_project

CALLS = sorted({tuple(call[1:]) for document in DOCUMENTS for call in commands(document, "snakemake")})

NOT_PLANNED = {
    "--use-conda": "needs conda; test_conda.py runs it with a stand-in",
    "--sdm": "needs conda and a container's image",
    "--containerize": "needs conda",
    "--workflow-profile": "needs Snakemake's plugin for Slurm; tests/cluster runs it",
    "--report": "needs a finished study; test_report.py makes it",
    "--unlock": "plans nothing",
    "--touch": "plans nothing; below it is done",
    "real_share": "a target that CONTRIBUTING.md adds; below it is added",
}
"""What a dry run is not asked for, and why."""

PLANNED = [call for call in CALLS if not set(NOT_PLANNED) & set(call)]

NOT_RUN = {"CONTRIBUTING.md": "shows additions to the project; below they are made"}
"""Documents whose Python cannot run by itself, and why."""

PYTHON = [document for document in DOCUMENTS if blocks(document, "python") and document.name not in NOT_RUN]


def test_commands_are_found() -> None:
    assert len(PLANNED) > 7
    assert set(NOT_PLANNED) <= {word for call in CALLS for word in call}


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_snakemake_knows_the_arguments(call: tuple[str, ...]) -> None:
    get_argument_parser().parse_args(call)  # or SystemExit


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with the kept run and, as the documents say, a config of one's own."""
    project = copy_project(tmp_path_factory.mktemp("checkout") / "project", TINY)
    (project.folder / "results").mkdir()
    (project.folder / "results" / "reference").symlink_to(ROOT / "results" / "reference")
    own = {block.text for name in ("README.md", "docs/recipes.md") for block in blocks(ROOT / name, "yaml")}
    own = {text for text in own if text.startswith("experiment")}  # others are parts of one
    texts = {text.splitlines()[0]: text for text in own}
    assert len(texts) == len(own) == 2  # both show the same question of one's own
    (project.folder / "my.yaml").write_text(texts["experiment: clothes"])
    (project.folder / "photos.yaml").write_text(texts["experiment: photos"])
    (project.folder / "photos").mkdir()
    for i in range(1000):
        (project.folder / "photos" / f"{i}.png").touch()  # what is in them is left to the job
    np.save(project.folder / "sketches.npy", np.zeros((1000, 4), np.uint8))
    return project.folder


@pytest.mark.long
@pytest.mark.parametrize("call", PLANNED, ids=" ".join)
def test_snakemake_plans_what_the_documents_say(call: tuple[str, ...], checkout: Path) -> None:
    command = [sys.executable, "-m", "snakemake", *call, "--dry-run"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "\ntotal " in done.stdout + done.stderr


@pytest.fixture
def digits(finished: Project, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which a study called digits has run; it is the working directory."""
    finished.results.rename(finished.folder / "results" / "digits")
    monkeypatch.chdir(finished.folder)
    return finished.folder


@pytest.mark.long
@pytest.mark.parametrize("document", PYTHON, ids=lambda path: path.name)
def test_python_of_the_documents_runs(document: Path, digits: Path) -> None:
    values = run_python(document)
    assert len(values) == len(blocks(document, "python"))
    for value in values:
        assert np.isfinite(np.asarray(value)).all()
        assert np.asarray(value).size > 1


@pytest.mark.long
def test_the_front_page_s_python_gives_a_number_a_seed(digits: Path) -> None:
    (value,) = run_python(ROOT / "README.md")
    assert value.dims == ("seed",)
    assert (value > 0).all()


ADDED_AFTER = {
    "workflow/aespectra/data/noise.py": '    match spec["distribution"]:\n',
    "workflow/schemas/config.schema.yaml": "          allOf:\n",
    "workflow/aespectra/claims/paper.py": "CLAIMS = [\n",
    "workflow/rules/figures.smk": "FIGURES = {\n",
}
"""Where the additions of CONTRIBUTING.md to a file belong; what is added to another is a file of its own."""


@pytest.mark.long
def test_additions_are_as_small_as_contributing_shows_them(finished: Project) -> None:
    """A distribution, a family, a claim and a figure, added to a finished study; no network of it is trained again."""
    contributing = ROOT / "CONTRIBUTING.md"
    for block in (*blocks(contributing, "python"), *blocks(contributing, "yaml")):
        head, text = block.text.split("\n", 1)
        path = finished.folder / head.removeprefix("# ")
        if head.removeprefix("# ") in ADDED_AFTER:
            place = ADDED_AFTER[head.removeprefix("# ")]
            before, after = path.read_text().split(place)
            path.write_text(before + place + text + after)
        else:
            path.write_text(text)
    schema = finished.folder / "workflow" / "schemas" / "config.schema.yaml"
    enum = "enum: [truncated_normal, uniform, bernoulli, beta]"
    assert enum in schema.read_text()
    schema.write_text(schema.read_text().replace(enum, enum.replace("beta", "beta, triangular")))
    (finished.folder / "workflow" / "report" / "real_share.rst").write_text("Shares of real eigenvalues.\n")

    families = yaml.safe_load((finished.folder / "my.yaml").read_text())["families"]
    sets = [*TINY["evaluation"]["sets"], {"name": "peak", "distribution": "triangular", "mode": 0.2}]
    study = TINY | {"families": families, "evaluation": TINY["evaluation"] | {"sets": sets}}
    finished.config.write_text(yaml.safe_dump(study))
    planned = finished.planned()
    assert planned["train"] == 4  # the new family's alone: d = 2, 3, two seeds
    finished.finish()

    curve = (finished.results / "models" / "strongly-shrunk" / "d2_seed0_loss.csv").read_text()
    assert curve.splitlines()[0] == "epoch,loss,reconstruction,shrinkage"
    with xr.open_dataset(finished.results / "summary.nc") as summary:
        assert summary["family"].values.tolist() == ["autoencoder", "strongly-shrunk"]
        assert "peak" in summary["dataset"]
    assert ",27," in (finished.results / "claims.csv").read_text()
    assert list((finished.results / "figures").rglob("real_share.pdf"))


def contents(results: Path) -> dict[str, str]:
    files = (path for path in results.rglob("*") if path.is_file() and "logs" not in path.parts)
    return {str(path.relative_to(results)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.long
def test_touch_takes_a_study_over_an_upgrade(finished: Project) -> None:
    """Modules behind every result are edited and one moves: all would run; after --touch nothing does."""
    library = finished.folder / "workflow" / "aespectra"
    for module in library.rglob("*.py"):
        module.write_text(module.read_text().replace("linalg.zeros", "linalg.ranks") + "# another version\n")
    (library / "linalg" / "zeros.py").rename(library / "linalg" / "ranks.py")
    before = contents(finished.results)
    assert {"images", "noise", "train", "spectra", "summary", "figure_2", "claims"} <= set(finished.planned())
    finished.finish("--touch")
    assert finished.planned() == {}
    assert contents(finished.results) == before

    (finished.results / "summary.nc").unlink()
    finished.finish("--touch")  # what is missing is made by the next run
    assert not (finished.results / "summary.nc").exists()
    planned = set(finished.planned())
    assert {"summary", "figure_2"} <= planned
    assert not planned & {"images", "noise", "train", "spectra"}
