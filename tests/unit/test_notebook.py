"""docs/digits.ipynb runs, and says what it is kept with."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "docs" / "digits.ipynb"


def said(notebook: nbformat.NotebookNode) -> list[list[str]]:
    """What every cell prints or gives, pictures by their kind: their bytes differ with the fonts of a machine."""
    found = []
    for cell in notebook.cells:
        outputs = []
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                outputs.append(output.text)
            elif "image/png" in output.data:
                outputs.append("picture")
            else:
                outputs.append(output.data["text/plain"])
        found.append(outputs)
    return found


def test_the_notebook_says_what_it_is_kept_with(tmp_path):
    kept = nbformat.read(NOTEBOOK, 4)
    command = [sys.executable, "-m", "nbconvert", "--log-level", "ERROR", "--to", "notebook", "--execute"]
    subprocess.run(
        [*command, str(NOTEBOOK), "--output-dir", str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(ROOT / "workflow"), "OMP_NUM_THREADS": "1", "HOME": str(tmp_path)},
        check=True,
        timeout=300,
    )
    again = nbformat.read(tmp_path / "digits.ipynb", 4)
    assert [cell.source for cell in again.cells] == [cell.source for cell in kept.cells]
    assert said(again) == said(kept)
    assert sum(outputs.count("picture") for outputs in said(again)) == 2
