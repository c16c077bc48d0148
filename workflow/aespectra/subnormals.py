"""Numbers too small for a processor's fast path: taken as zero for a while."""

import contextlib
import sys
from collections.abc import Iterator

import torch


def flushing() -> bool:
    """Whether this thread takes subnormal numbers as zero."""
    smallest = sys.float_info.min
    return smallest / 2 == 0


@contextlib.contextmanager
def flushed() -> Iterator[None]:
    """Take subnormal numbers as zero, on this thread of the CPU; what held before holds again at the end.

    A mode of the thread's floating-point unit: torch's other threads, of which a job of the workflow has none, keep
    their own. A processor that does not know the mode goes on without.
    """
    before = flushing()
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)
