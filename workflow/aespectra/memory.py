"""Has memory run out? torch says so in three ways."""

import torch

OF_THE_CPU = ("can't allocate memory", "not enough memory")
"""What torch's allocator on a CPU says, on Linux and elsewhere, in a RuntimeError without a class of its own."""


def has_run_out(error: Exception) -> bool:
    """Whether an exception says that memory, of a GPU or of the machine, did not suffice."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in OF_THE_CPU)
