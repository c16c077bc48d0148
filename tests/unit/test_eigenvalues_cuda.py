"""The solver's CUDA build where there is no GPU: run by numba's simulator, and compiled."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from aespectra.linalg import eigenvalues as library
from aespectra.linalg.eigenvalues import eigenvalues

from .matrices import assert_spectrum_of, at_most, stack_of

pytestmark = pytest.mark.long

WORKFLOW = Path(__file__).parents[2] / "workflow"
DTYPES = [np.float32, np.float64]

SIMULATED = """
import sys
import numpy as np
from aespectra.linalg import eigenvalues_cuda
from numba import cuda
from numba.cuda.cudadrv.driver import CudaAPIError

eigenvalues_cuda.MATRICES, eigenvalues_cuda.THREADS = 4, 2
given = np.load(sys.argv[1])
results = {}
for name, stack in given.items():
    values, failed = eigenvalues_cuda.eigenvalues(cuda.to_device(stack))
    results |= {name: values, name + " failed": failed}
eigenvalues_cuda.limits = lambda dtype, d: (np.finfo(dtype).eps, np.finfo(dtype).tiny, 1)
results["unfinished"] = eigenvalues_cuda.eigenvalues(cuda.to_device(given["gaussian 5 float64"]))[1]
np.savez(sys.argv[2], **results)

for code, expected in ((2, MemoryError), (700, CudaAPIError)):
    def refuse(*arguments):
        raise CudaAPIError(code, "as the driver would")

    cuda.device_array = refuse
    try:
        eigenvalues_cuda.eigenvalues(cuda.to_device(given["gaussian 5 float64"]))
    except expected as error:
        assert type(error) is expected
    else:
        raise AssertionError(code)
"""


def test_cuda_build_in_the_simulator(tmp_path, monkeypatch):
    """The kernel, run as Python, thread by thread; the solver's functions with it, as no compiler sees them there."""
    given = {
        f"{family} {d} {dtype.__name__}": stack_of(family, d, dtype, 5 if d < 5 else 2)
        for family in ("gaussian", "orthogonal", "cyclic", "triangular", "badly scaled", "zero")
        for d in (1, 2, 3, 5)
        for dtype in DTYPES
    }
    given |= {"empty": np.empty((0, 3, 3)), "large": 1e300 * stack_of("gaussian", 3, np.float64, 2)}
    given["gaussian 3 float64"][2, 1, 1] = np.nan
    np.savez(tmp_path / "given.npz", **given)
    environment = os.environ | {"NUMBA_ENABLE_CUDASIM": "1", "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(WORKFLOW)}
    command = [sys.executable, "-W", "ignore", "-c", SIMULATED, tmp_path / "given.npz", tmp_path / "results.npz"]
    subprocess.run(command, env=environment, check=True)
    with np.load(tmp_path / "results.npz") as results:
        for name, stack in given.items():
            values = results[name]
            assert not results[name + " failed"].any()
            assert values.dtype == np.result_type(stack.dtype, np.complex64)
            np.testing.assert_array_equal(np.isnan(values), np.isnan(eigenvalues(stack)[0]))
            for matrix, row in zip(stack, values, strict=True):
                if np.isfinite(matrix).all():
                    scale = 2.0 ** -np.frexp(np.abs(matrix).max())[1]
                    assert_spectrum_of(row * scale, matrix * matrix.dtype.type(scale))
        monkeypatch.setattr(library, "limits", at_most(1))
        expected = eigenvalues(given["gaussian 5 float64"])[1]
        assert expected.any()
        np.testing.assert_array_equal(results["unfinished"], expected)


COMPILED = """
import sys
from types import SimpleNamespace
import numba.cuda.dispatcher
from numba import cuda, types
from aespectra.linalg.eigenvalues_cuda import solve_each

# the compiler asks which GPU is there; here is none
numba.cuda.dispatcher.get_current_device = lambda: SimpleNamespace(compute_capability=(9, 0))
for real in (types.float32, types.float64):
    array = lambda ndim, dtype=real: types.Array(dtype, ndim, "C")
    signature = (array(3), types.int64, array(3), array(2), array(2), array(3), array(2, types.int64))
    signature += (array(1, types.int64), array(2, types.boolean), real, real, types.int64)
    ptx, _ = cuda.compile_ptx(solve_each.py_func, signature, cc=(9, 0))
    assert ".entry" in ptx
    # one precision throughout: double arithmetic is slow on many GPUs
    assert real is types.float64 or ".f64" not in ptx
"""


def test_cuda_kernel_compiles():
    """What the simulator cannot say: the whole kernel is in the language of the CUDA compiler."""
    pytest.importorskip("numba_cuda", reason="numba-cuda is for Linux")
    environment = os.environ | {"PYTHONPATH": str(WORKFLOW)}
    subprocess.run([sys.executable, "-W", "ignore", "-c", COMPILED], env=environment, check=True)
