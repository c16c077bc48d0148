"""Reads a study whose files have a flipped bit each, as its users and its jobs do; started by test_flips.py.

python readers.py STUDY: of every line of its input, a path below the study, a byte and a bit, says what came of it:
``sentence``, ``same`` (as where nothing that is read has changed), ``silent: ...``, or ``crash ...``.
"""

import hashlib
import logging
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "workflow"))

import numpy as np
import xarray as xr
from aespectra.checksums import check_recorded
from aespectra.integrity import BrokenFileError, check_checkpoint
from aespectra.models.checkpoint import load_checkpoint
from aespectra.models.families import autoencoder
from aespectra.slabs.cube import open_cube
from aespectra.summary.file import open_summary
from study.verify import BrokenStudyError, verify

logging.disable(logging.CRITICAL)


def digest(arrays) -> str:
    """Of the values, whatever their order in memory."""
    found = hashlib.sha256()
    for array in arrays:
        values = np.asarray(array)
        found.update(values.astype(str).tobytes() if values.dtype.kind in "OU" else np.ascontiguousarray(values))
    return found.hexdigest()


def of_dataset(data: xr.Dataset) -> str:
    return digest(data[name].values for name in sorted(data.variables))


def of_checkpoint(path: Path) -> str:
    made_by = check_checkpoint(path, {})
    wanted = {key: made_by[key] for key in ("latent_dim", "autoencoder")} | {"image_shape": (made_by["pixels"],)}
    network, _ = load_checkpoint(path, autoencoder, wanted)
    return digest(tensor.numpy() for tensor in network.state_dict().values())


def read(study: Path, name: str) -> str:
    """What users have of the file of this name, by the library's own readers; jobs check theirs first."""
    path = study / name
    if name in ("cube.nc", "summary.nc") or name.startswith("spectra/"):
        if name == "summary.nc":
            return digest(map(of_dataset, open_summary(path)))
        with open_cube(study / "cube.nc") as cube:
            return of_dataset(cube.load())
    if path.suffix == ".safetensors":
        return of_checkpoint(path)
    check_recorded(path)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def named(study: Path, files: list[Path], path: Path) -> bool:
    """Whether ``verify`` finds this file broken, and no other."""
    try:
        verify(study, {"all": files}, [], "snakemake")
    except BrokenStudyError as error:
        return str(error).startswith("broken or missing: 1 files") and str(path) in str(error)
    return False


def outcome(study: Path, files: list[Path], name: str, right: str) -> str:
    """What comes of a file with a flipped bit."""
    try:
        found = "same" if read(study, name) == right else "silent: other values"
    except BrokenFileError:
        found = "sentence"
    except Exception as error:
        found = f"silent: {type(error).__name__}: {error}"
    return found if named(study, files, study / name) else "silent: verify does not name it"


def in_a_process_of_its_own(function: Callable[[], str]) -> str:
    """What the function returns: of a file that it could not open, netCDF keeps in memory what it has read so far."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, function().replace("\n", " ")[:4000].encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    return f"crash {status}" if status else said


def main(study: Path) -> None:
    stored = [path for path in study.rglob("*") if path.is_file()]
    files = [path for path in stored if path.relative_to(study).parts[0] not in ("logs", "checksums")]
    right: dict[str, str] = {}
    for line in sys.stdin:
        name, byte, bit = line.rsplit(maxsplit=2)
        path = study / name
        if name not in right:
            right[name] = in_a_process_of_its_own(partial(read, study, name))
        content = path.read_bytes()
        flipped = bytearray(content)
        flipped[int(byte)] ^= 1 << int(bit)
        path.write_bytes(flipped)
        print(in_a_process_of_its_own(partial(outcome, study, files, name, right[name])), flush=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
