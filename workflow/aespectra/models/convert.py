"""Weights from a .pt file, once, into safetensors: ``python -m aespectra.models.convert mine.pt mine.safetensors``.

Of the .pt file nothing is run: torch reads tensors and plain containers alone (weights_only).
"""

import pickle
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

from ..files import written_whole
from ..logs import first_line

WRAPPED = ("state_dict", "model_state_dict", "model")
"""Keys below which training loops keep the weights, beside those of their optimisers."""


def convert(source: Path, target: Path) -> None:
    """Write the weights of a .pt file as safetensors, whole or not at all.

    Parameters
    ----------
    source : Path
        What torch.save made of a module's ``state_dict()``, or of a dict that has it as state_dict, model_state_dict or
        model.
    target : Path
        File to make.

    Raises
    ------
    ValueError
        The file holds something else.
    """
    try:
        found = torch.load(source, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise ValueError(f"{source} has more in it than weights, or is broken: {first_line(error)}") from error
    if isinstance(found, dict):
        found = next((found[key] for key in WRAPPED if isinstance(found.get(key), dict)), found)
    if not (isinstance(found, dict) and found and all(isinstance(each, torch.Tensor) for each in found.values())):
        raise ValueError(f"{source} holds no weights by their names, as of torch.save(module.state_dict(), …).")
    weights = {name: tensor.detach().contiguous().clone() for name, tensor in found.items()}
    with written_whole(target) as part:
        save_file(weights, part)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m aespectra.models.convert mine.pt mine.safetensors")
    try:
        convert(Path(sys.argv[1]), Path(sys.argv[2]))
    except (ValueError, OSError) as error:
        sys.exit(str(error))
