"""The library as a package: built, installed where nothing else of the project is, and used as the README says."""

import ast
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from ..documents import ROOT, blocks
from ..workflow.conda_stand_in import create
from ..workflow.conftest import TINY, Project, copy_project, finished_once

__all__ = ["finished_once"]

LIBRARY = ROOT / "workflow" / "aespectra"
IMPORTS = {"netCDF4": "netcdf4", "sklearn": "scikit-learn", "PIL": "torchvision", "yaml": "pyyaml"}
"""Distributions that bring a module of another name; pillow comes with torchvision."""

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by the locked hatchling from a copy, without a download."""
    source, folder = tmp_path_factory.mktemp("source") / "project", tmp_path_factory.mktemp("wheel")
    for part in ("workflow", "tests/unit"):
        shutil.copytree(ROOT / part, source / part, ignore=shutil.ignore_patterns("*.tmp.*"))
    for part in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy2(ROOT / part, source)
    command = ["wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder), str(source)]
    built = subprocess.run([sys.executable, "-m", "pip", *command], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("*.whl")
    return path


def metadata(wheel: Path) -> dict[str, list[str]]:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        message = Parser().parsestr(archive.read(name).decode())
    return {key: message.get_all(key) for key in set(message)}


def base_requirements(wheel: Path) -> list[Requirement]:
    """What an installation without extras asks for."""
    asked = map(Requirement, metadata(wheel)["Requires-Dist"])
    return [each for each in asked if each.marker is None or each.marker.evaluate({"extra": ""})]


def test_it_holds_the_library_and_nothing_else(wheel: Path) -> None:
    modules = {path.relative_to(LIBRARY.parent).as_posix() for path in LIBRARY.rglob("*.py")}
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    parts = {f"aespectra/explorer/{name}" for name in ("explorer.html", "explorer.css", "explorer.js", "tables.js")}
    assert len(modules) > 40
    assert {name for name in names if ".dist-info/" not in name} == modules | {"aespectra/py.typed", *parts}
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_its_version_is_the_library_s(wheel: Path) -> None:
    (assignment,) = ast.parse((LIBRARY / "_version.py").read_text()).body[1:]
    version = ast.literal_eval(assignment.value)
    assert metadata(wheel)["Version"] == [version]
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == version


def test_what_the_library_imports_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = [
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ]
    declared = {Requirement(each).name.lower() for each in declared}
    imported = set()
    for path in LIBRARY.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                imported.add(node.module.partition(".")[0])
    foreign = imported - sys.stdlib_module_names - {"aespectra"}
    assert {IMPORTS.get(name, name) for name in foreign} - declared == set()


def test_bounds_hold_for_the_locked_versions(wheel: Path) -> None:
    lock = dict(line.split("==") for line in _locked())
    asked = [Requirement(each) for each in metadata(wheel)["Requires-Dist"]]
    assert [str(each) for each in asked if not each.specifier.contains(lock[each.name.lower()], prereleases=True)] == []


def _locked() -> list[str]:
    lines = (ROOT / "envs" / "requirements.lock").read_text().splitlines()
    return [line.partition(" ")[0] for line in lines if "==" in line.partition(" ")[0]]


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheel, with what that asks for and no more; no download."""
    environment = tmp_path_factory.mktemp("installed") / "environment"
    create(environment, base_requirements(wheel))
    path = environment / "bin" / "python"
    install = ["install", "--no-deps", "--no-index", "--quiet", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", "--python", str(path), *install], check=True)
    return path


def run(python: Path, script: str, folder: Path) -> list[str]:
    """Lines that a script prints, isolated from the environment variables and the folder it runs in."""
    ran = subprocess.run(
        [str(python), "-I", "-c", script], cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def test_the_front_page_s_python_runs_where_only_the_wheel_is(
    python: Path, finished_once: Project, tmp_path: Path
) -> None:
    shutil.copytree(finished_once.results, tmp_path / "results" / "digits")
    (block,) = blocks(ROOT / "README.md", "python")
    *lines, last = block.text.splitlines()
    lines += [f"print(({last.partition('#')[0]}).sizes)", "import aespectra", "print(aespectra.__file__)"]
    sizes, file = run(python, "\n".join(lines), tmp_path)
    assert "'seed': 2" in sizes
    assert Path(file).is_relative_to(python.parents[1])


def test_all_but_what_extras_are_for_is_imported_without_them(python: Path, tmp_path: Path) -> None:
    needs_extras = {"eigenvalues_cuda", "flow", "provenance", "charts", "page"} | {
        path.stem for path in (LIBRARY / "figures").glob("*.py")
    }
    modules = sorted(
        ".".join(path.relative_to(LIBRARY.parent).with_suffix("").parts)
        for path in LIBRARY.rglob("*.py")
        if path.stem not in needs_extras
    )
    assert len(modules) > 25
    run(python, f"import importlib\nfor name in {modules}: importlib.import_module(name)", tmp_path)
    missing = "try:\n    import matplotlib\nexcept ImportError:\n    print('none')"
    assert run(python, missing, tmp_path) == ["none"]


def test_the_workflow_keeps_to_its_checkout(wheel: Path, tmp_path: Path) -> None:
    """Also where the library is installed beside Snakemake, here one that cannot be imported."""
    environment = tmp_path / "environment"
    workflow = [
        Requirement(each.partition(";")[0]) for each in metadata(wheel)["Requires-Dist"] if "'workflow'" in each
    ]
    create(environment, base_requirements(wheel) + workflow)
    (site_packages,) = environment.glob("lib/python*/site-packages")
    for package in ("aespectra", "study"):
        (site_packages / package).mkdir()
        (site_packages / package / "__init__.py").write_text("raise RuntimeError('the installed one')\n")
    project = copy_project(tmp_path / "project", TINY)
    project.python = environment / "bin" / "python"
    project.finish("images")
    assert (project.results / "training_images.nc").exists()
