"""Which modules a result depends on: every form of an import, sub-packages, never a package's face."""

import ast
from pathlib import Path

import pytest
from study.tracking import WITHOUT_EFFECT, imported, modules_behind

LIBRARY = Path(__file__).parents[2] / "workflow" / "aespectra"


@pytest.fixture
def package(tmp_path):
    """package(files): a package ``pack`` of these texts by name, in which every folder has an ``__init__.py``."""

    def make(files: dict[str, str]) -> Path:
        root = tmp_path / "pack"
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for folder in (root, *(each for each in root.rglob("*") if each.is_dir())):
            if not (folder / "__init__.py").exists():
                (folder / "__init__.py").write_text('"""Nothing."""\n')
        return root

    return make


def behind(root: Path, *names: str) -> list[str]:
    return [path.relative_to(root).as_posix() for path in modules_behind(root / name for name in names)]


FORMS = {
    "from .b import f": "sub/b.py",
    "from . import b": "sub/b.py",
    "from . import b as other": "sub/b.py",
    "from ..top import f": "top.py",
    "from .. import top": "top.py",
    "from ..data import pixels": "data/pixels.py",
    "from ..data.pixels import Pixels": "data/pixels.py",
    "from ..data.deep import leaf": "data/deep/leaf.py",
    "import pack.data.pixels": "data/pixels.py",
    "import pack.data.pixels as p, os": "data/pixels.py",
    "from pack.data import pixels": "data/pixels.py",
    "from pack.data.pixels import Pixels, more": "data/pixels.py",
    "def f():\n    from ..data import pixels": "data/pixels.py",
    "if True:\n    import pack.top": "top.py",
}


@pytest.mark.parametrize("statement", FORMS)
def test_every_form_of_an_import_is_followed(package, statement):
    others = dict.fromkeys(("sub/b.py", "top.py", "data/pixels.py", "data/deep/leaf.py", "alone.py"), "")
    root = package({"sub/a.py": statement} | others)
    assert behind(root, "sub/a.py") == sorted({"sub/a.py", FORMS[statement]})


def test_what_is_imported_is_followed_in_turn_and_circles_end(package):
    root = package(
        {"a.py": "from .x import b", "x/b.py": "import pack.y.c", "y/c.py": "from .. import a, d", "d.py": ""}
    )
    assert behind(root, "a.py") == ["a.py", "d.py", "x/b.py", "y/c.py"]
    assert behind(root, "d.py", "y/c.py") == ["a.py", "d.py", "x/b.py", "y/c.py"]


def test_other_packages_and_the_standard_library_are_not_its_own(package):
    assert behind(package({"a.py": "import os, packer, numpy.linalg\nfrom torch import nn"}), "a.py") == ["a.py"]


def test_a_packages_face_and_what_has_no_effect_are_never_among_them(package):
    texts = {"a.py": "import pack\nimport pack.x\nfrom .x import b\nfrom .logs import f\nfrom ._version import v\n"}
    root = package(texts | {"x/b.py": "", "logs.py": "from . import c", "c.py": "", "_version.py": ""})
    assert behind(root, "a.py") == ["a.py", "x/b.py"]


@pytest.mark.parametrize("statement", ["from . import __version__", "from .x import name", "import pack.x.gone"])
def test_what_an_init_defines_cannot_be_followed_and_is_refused(package, statement):
    root = package({"a.py": statement, "x/__init__.py": "name = 1", "__init__.py": "__version__ = 1"})
    with pytest.raises(ImportError, match=r"a\.py imports pack\..* which is no module\.$"):
        modules_behind([root / "a.py"])


def test_a_module_that_is_not_there_is_named(package):
    with pytest.raises(FileNotFoundError, match="gone"):
        modules_behind([package({"a.py": ""}) / "gone.py"])


@pytest.mark.parametrize("path", sorted(LIBRARY.rglob("*.py")), ids=lambda path: str(path.relative_to(LIBRARY)))
def test_of_the_library_exactly_what_python_loads_is_found(path):
    """Against the slower truth: the import system, asked for every name that the module's own text imports."""
    if path.name == "__init__.py":
        return
    module = ".".join(path.relative_to(LIBRARY.parent).with_suffix("").parts)
    package = module.rpartition(".")[0]
    expected = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level else ""
            base = ".".join(filter(None, [base, node.module])) if node.level else node.module
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        for name in names:
            found = LIBRARY.parent.joinpath(*name.split(".")).with_suffix(".py")
            if name.startswith("aespectra.") and found.is_file():
                expected.add(found)
    assert set(imported(path)) == expected


def test_a_result_has_the_modules_that_make_it_and_no_others():
    def names(*modules):
        return {path.relative_to(LIBRARY).as_posix() for path in modules_behind(LIBRARY / each for each in modules)}

    training = names("models/train.py", "data/pixels.py", "models/families/autoencoder.py")
    assert {"models/step.py", "models/cuda_graph.py", "models/objectives.py", "models/autoencoder.py"} < training
    assert not {"linalg/jacobian.py", "slabs/compute.py", "summary/statistics.py"} & training
    spectra = names("slabs/compute.py")
    assert {"linalg/jacobian.py", "linalg/francis.py", "models/checkpoint.py", "slabs/slab.py"} < spectra
    assert not {name for name in spectra if name.startswith(("models/families", "models/train", "summary", "figures"))}
    assert not {name for name in training | spectra if Path(name).name in WITHOUT_EFFECT | {"__init__.py"}}
