"""Every rule in its own conda environment, and the container made of these; conda itself is played by a stand-in.

Snakemake appends the folders where its own modules lie to the search path of every script, so a package that an
environment lacks goes unnoticed as long as it is installed beside Snakemake. Hence Snakemake runs here in an
environment of its own, which holds nothing but what Snakemake requires.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import netCDF4
import numpy as np
import pytest
from packaging.requirements import Requirement

from . import conda_stand_in as stand_in
from .conda_stand_in import closure, create, requirements
from .conftest import ROOT, TINY, Project, copy_project

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the conda environments are for Linux")

ENVIRONMENTS = {path.stem: path for path in sorted((ROOT / "envs").glob("*.yaml"))}
RULES = "".join(path.read_text() for path in sorted((ROOT / "workflow" / "rules").glob("*.smk")))
SCRIPTS = re.findall(r'"\.\./\.\./envs/(\w+)\.yaml".*?"\.\./scripts/(\w+)\.py"', RULES, re.DOTALL)
"""(environment, script) of every rule."""

SETS = [*TINY["evaluation"]["sets"], {"name": "fashion", "torchvision": "FashionMNIST"}]
STUDY = TINY | {
    "latent_dims": [2],
    "seeds": [0],
    "evaluation": {"samples": 60, "sets": SETS},
    "figures": {"formats": ["png"]},
}
"""As few jobs as reach every rule but train_together, whose script is train's."""


def write_invented_fashion(folder: Path) -> None:
    """FashionMNIST's four files, with random images: what a download would leave."""
    folder.mkdir(parents=True)
    for split, count in (("train", 60), ("t10k", 10)):
        images = np.random.default_rng(0).integers(0, 256, (count, 28, 28), np.uint8)
        for name, values in (("images-idx3", images), ("labels-idx1", np.zeros(count, np.uint8))):
            header = bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">i4").tobytes()
            (folder / f"{split}-{name}-ubyte").write_bytes(header + values.tobytes())


APPTAINER = """#!/bin/bash
# What Snakemake asks of apptainer; a container is the machine itself, and every call is noted.
echo "$*" >> "$(dirname "$0")/../calls"
case $1 in
    --version) echo "apptainer version 1.3.4";;
    pull) touch "$3";;
    *) exec bash -c "${@: -1}";;
esac
"""


def write_program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project in which nothing has run, with the stand-in on the path and a Snakemake that has nothing beside it."""
    folder = tmp_path_factory.mktemp("conda")
    programs = folder / "conda" / "bin"
    write_program(programs / "conda", f"#!{sys.executable}\n{Path(stand_in.__file__).read_text()}")
    write_program(programs / "activate", 'export PATH="$1/bin:$PATH"\n')
    write_program(programs / "apptainer", APPTAINER)
    create(folder / "snakemake", [Requirement("snakemake")])
    project = copy_project(folder / "project", STUDY)
    write_invented_fashion(project.folder / "resources" / "FashionMNIST" / "raw")
    project.python = folder / "snakemake" / "bin" / "python"
    project.environment = {"PATH": f"{programs}:/usr/bin:/bin"}
    return project


@pytest.fixture(scope="module")
def finished(untouched: Project) -> Project:
    """The same project after a whole run."""
    untouched.finish("--use-conda", "all", "standalone_cube", "priors")
    return untouched


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Name and python of a fresh environment."""
    prefix = tmp_path_factory.mktemp(request.param)
    create(prefix, requirements(ENVIRONMENTS[request.param]))
    return request.param, prefix / "bin" / "python"


def versions(path: Path) -> set[str]:
    """The libraries that the file says were there when it was made."""
    with netCDF4.Dataset(path) as file:
        return set(json.loads(file.versions)) - {"python"}


def test_every_script_has_an_environment() -> None:
    assert {name for name, _ in SCRIPTS} == set(ENVIRONMENTS)
    assert {script for _, script in SCRIPTS} == {path.stem for path in (ROOT / "workflow" / "scripts").glob("*.py")}


def test_whole_study_runs_in_its_environments(finished: Project) -> None:
    both = {"numpy", "scipy", "pillow", "netCDF4"}  # pillow comes with torchvision and with matplotlib
    torch = both | {"torch", "torchvision", "numba", "llvmlite", "scikit-learn", "safetensors"}
    analysis = both | {"xarray", "h5py"}
    priors = {"numpy", "scipy", "netCDF4", "xarray", "torch", "scikit-learn", "safetensors"}
    made = {str(path.relative_to(finished.results)): versions(path) for path in finished.results.glob("**/*.nc")}
    assert made == {
        "training_images.nc": torch,
        "test_images.nc": torch,
        "datasets/digits.nc": torch,
        "datasets/fashion.nc": torch,
        **{f"datasets/{each['name']}.nc": analysis for each in TINY["evaluation"]["sets"]},
        "spectra/autoencoder/d2_seed0.nc": torch,
        "statistics/autoencoder/d2.nc": analysis,
        **dict.fromkeys(("cube.nc", "cube-standalone.nc", "summary.nc"), analysis),
        **dict.fromkeys(("labels.nc", "latents/autoencoder/d2_seed0.nc"), torch),
        **dict.fromkeys(("image_features.nc", "samples/autoencoder/d2_seed0.nc", "samples.nc"), priors),
    }
    assert len(list(finished.results.glob("figures/*.png"))) == 9


def test_environments_are_made_once(finished: Project) -> None:
    assert len(list((finished.folder / ".snakemake" / "conda").glob("*.env_setup_done"))) == len(ENVIRONMENTS)
    assert finished.planned("--use-conda") == {}


def test_leaving_conda_out_runs_everything_anew(finished: Project) -> None:
    assert {"images", "train", "spectra", "summary"} < set(finished.planned())


def test_scripts_import_nothing_that_their_environment_lacks(environment: tuple[str, Path]) -> None:
    name, python = environment
    modules = {"aespectra.slabs.slab"}
    for script in {script for each, script in SCRIPTS if each == name}:
        source = (ROOT / "workflow" / "scripts" / f"{script}.py").read_text()
        modules |= set(re.findall(r"from (aespectra[\w.]*) import", source))
        if "import_module" in source and name == "analysis":
            modules |= {f"aespectra.figures.{path.stem}" for path in (ROOT / "workflow/aespectra/figures").glob("*.py")}
    if name == "torch":
        modules |= {
            "aespectra.linalg.eigenvalues_cuda",
            "numba_cuda",
            "sklearn.datasets",
            "torchvision.datasets",
            "PIL.Image",
        }
    code = "; ".join(f"import {module}" for module in sorted(modules))
    done = subprocess.run([python, "-c", code], cwd=ROOT / "workflow", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


ABSENT = {
    "torch": ["xarray", "h5py", "matplotlib", "seaborn", "pandas", "snakemake", "yaml", "pytest"],
    "priors": ["torchvision", "numba", "h5py", "matplotlib", "seaborn", "snakemake", "pytest"],
    "analysis": ["torch", "torchvision", "numba", "sklearn", "safetensors", "snakemake", "pytest"],
}


def test_an_environment_has_nothing_that_it_does_not_name(environment: tuple[str, Path]) -> None:
    name, python = environment
    code = f"from importlib.util import find_spec; print([each for each in {ABSENT[name]} if find_spec(each)])"
    assert subprocess.check_output([python, "-c", code], text=True) == "[]\n"


def test_another_version_than_the_environment_asks_for_is_refused() -> None:
    with pytest.raises(ValueError, match=r"numpy==1\.0\.\* is asked for, .* is installed"):
        closure([Requirement("numpy==1.0.*")])


def test_without_conda_the_error_says_so(untouched: Project) -> None:
    done = untouched.run("--use-conda", "--dry-run", PATH="/usr/bin:/bin")
    assert done.returncode == 1
    assert "Is conda installed and accessible?" in done.stdout


def test_environments_are_made_in_the_image_with_apptainer(untouched: Project, tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project", STUDY)  # where there are results Snakemake asks before it pulls
    project.python, project.environment = untouched.python, untouched.environment
    project.finish("--sdm", "conda", "apptainer", "--conda-create-envs-only", "all", "priors")
    _, pull, *calls = (untouched.folder.parent / "conda" / "calls").read_text().splitlines()
    assert re.fullmatch(r"pull --name \w+\.simg docker://condaforge/miniforge3:[\d.]+-\d", pull)
    image = f".snakemake/singularity/{pull.split()[2]}"
    created = [call for call in calls if "conda env create" in call]
    assert len(created) == len(ENVIRONMENTS)
    assert all(call.startswith("exec ") and image in call for call in created)


def test_containerize_gives_a_dockerfile_with_every_environment(untouched: Project) -> None:
    done = subprocess.run(
        untouched.command("--containerize"),
        cwd=untouched.folder,
        env=os.environ | untouched.environment,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.replace("\\\n", "").splitlines() if line and not line.startswith("#")]
    assert lines[0] == "FROM condaforge/miniforge3:latest"
    assert {line.split()[0] for line in lines} == {"FROM", "LABEL", "RUN", "COPY"}
    copied = dict(line.split()[1:] for line in lines if line.startswith("COPY"))
    assert sorted(copied) == [f"envs/{name}.yaml" for name in ENVIRONMENTS]
    for target in copied.values():
        prefix = str(Path(target).parent)
        assert f"RUN mkdir -p {prefix}" in lines
        assert f"conda env create --prefix {prefix} --file {target} && " in lines[-1]
    assert lines[-1].startswith("RUN conda env create")
    assert lines[-1].endswith("conda clean --all -y")
