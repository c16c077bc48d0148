"""The order of the library's wings, and what each may know; by the standard library's ast, without an import."""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from study.documents import WINGS
from study.tracking import imported

WORKFLOW = Path(__file__).parents[2] / "workflow"
LIBRARY = WORKFLOW / "aespectra"
MODULES = sorted(path for path in LIBRARY.rglob("*.py") if path.name != "__init__.py")
FACES = sorted([*LIBRARY.glob("*/**/__init__.py"), WORKFLOW / "study" / "__init__.py"])
SCRIPTS = sorted((WORKFLOW / "scripts").glob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(WORKFLOW).as_posix()


def rank(path: Path) -> int:
    """0 for the modules that all share, then the wings in their order."""
    wing, *inside = path.relative_to(LIBRARY).parts
    return 1 + WINGS.index(wing) if inside else 0


def packages(path: Path) -> set[str]:
    """First parts of all that a module imports from outside of its own package, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module.partition(".")[0])
    return found


def test_every_folder_is_a_wing() -> None:
    assert {path.name for path in LIBRARY.iterdir() if path.is_dir() and path.name != "__pycache__"} == set(WINGS)
    assert WINGS == ("linalg", "data", "models", "slabs", "summary", "claims", "report", "figures", "explorer")
    assert len(MODULES) > 40


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_arrow_runs_back(path: Path) -> None:
    later = [name(each) for each in imported(path) if rank(each) > rank(path)]
    assert later == []


def test_no_import_runs_in_a_circle() -> None:
    try:
        list(TopologicalSorter({path: imported(path) for path in MODULES}).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(map(name, error.args[1])))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_the_library_knows_neither_snakemake_nor_the_config(path: Path) -> None:
    assert packages(path) & {"snakemake", "study", "jsonschema"} == set()
    free = {node.id for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Name)}
    assert "snakemake" not in free


@pytest.mark.parametrize("path", [path for path in MODULES if rank(path) == 1], ids=name)
def test_linear_algebra_knows_no_files(path: Path) -> None:
    assert packages(path) & {"netCDF4", "h5py", "xarray", "pathlib", "os", "io", "json", "safetensors"} == set()
    assert all(rank(each) == 1 for each in imported(path))
    called = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert "open" not in called


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_scripts_are_between_snakemake_and_the_library(path: Path) -> None:
    assert packages(path) <= {"aespectra", "study", "importlib", "pathlib"}


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_jobs_check_what_they_read_and_leave_checksums(path: Path) -> None:
    (job,) = (node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.With))
    surrounding = [ast.unparse(item.context_expr.func) for item in job.items]
    # verify itself goes on where a file is broken, and makes none
    assert surrounding == (["logged"] if path.stem == "verify" else ["logged", "checked"])


@pytest.mark.parametrize("path", FACES, ids=name)
def test_packages_have_no_face(path: Path) -> None:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    assert len(body) == 1
    assert ast.get_docstring(ast.Module(body, []))


def texts(path: Path) -> list[str]:
    """Every string of a module that is no documentation: what its errors say is among them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [node.value for node in strings if node not in documentation]


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_errors_of_the_library_speak_of_arguments(path: Path) -> None:
    targets = re.findall(r"^([a-z-]+):", (WORKFLOW.parent / "Makefile").read_text(), re.MULTILINE)
    told = re.compile(rf"config key|snakemake|\bmake ({'|'.join(targets)})\b")
    assert [text for text in texts(path) if told.search(text)] == []


def test_what_errors_say_is_found() -> None:
    assert any("is truncated" in text for text in texts(LIBRARY / "integrity.py"))


WRITERS = {"write_text", "write_bytes", "savefig", "savetxt", "save_file", "created", "Dataset", "File", "open"}
MODES = {"w", "wb", "a", "ab", "x", "xb", "r+", "r+b"}


def writing_calls(path: Path) -> list[str]:
    """Every call of a module that writes a file."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        modes = {each.value for each in node.args if isinstance(each, ast.Constant)} & MODES
        if name in WRITERS - {"Dataset", "File", "open"} or (name in WRITERS and modes):
            found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("path", [path for path in MODULES if path.name != "files.py"], ids=name)
def test_files_are_written_whole(path: Path) -> None:
    """Everything that is written, is written under the temporary name that written_whole gives."""
    assert [call for call in writing_calls(path) if not re.search(r"\bpart\b", call)] == []


def test_what_is_written_is_found() -> None:
    assert sum(1 for path in MODULES if writing_calls(path)) > 11
