"""The same bits from the same config on the same device, whatever ran before; and that device's name."""

import os

import torch


def make_deterministic(device: str) -> None:
    """Choose only algorithms whose result does not depend on timing; to be called before CUDA's first use.

    On the CPU, where all algorithms used here are of that kind, torch's switch would cost a second of imports.
    """
    if device == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what torch asks for; read when cuBLAS starts
        torch.use_deterministic_algorithms(True)
        # costs time, and nothing here reads such memory; a property of the module, which type checkers do not see
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def device_name(device: str) -> str:
    """The device as a reader of the file wants it: cpu, or the model of the GPU."""
    return torch.cuda.get_device_name() if device == "cuda" else "cpu"
