"""A training step as one CUDA graph: these networks are so small that a GPU would mostly wait for the next launch.

Source: PyTorch documentation, CUDA semantics, section CUDA Graphs.
"""

import logging
from collections.abc import Callable

import torch

log = logging.getLogger(__name__)

WARM_UP = 3
"""Steps before the capture, on a stream of their own: libraries make in the first what they keep."""


class GraphedStep:
    """A training step that is captured once and replayed from then on, with the same result.

    Parameters
    ----------
    step : Callable
        Takes a batch, makes one step of training and returns the losses, detached; all that it keeps is on the
        device, and it has no word for the host.
    batch : torch.Tensor
        The memory in which every whole batch comes.
    """

    def __init__(self, step: Callable[[torch.Tensor], torch.Tensor], batch: torch.Tensor):
        self.step, self.batch = step, batch
        self.stream = torch.cuda.Stream()
        self.steps = 0
        self.graph: torch.cuda.CUDAGraph | None = None
        self.losses = batch.new_empty(0)

    def __call__(self, points: torch.Tensor) -> torch.Tensor:
        """The losses at ``points``, to be used before the next step; only whole batches are graphed."""
        if points.shape != self.batch.shape:
            return self.step(points)
        if self.graph is not None:
            self.graph.replay()
            return self.losses
        if self.steps == WARM_UP:
            self._capture()
            return self(points)
        self.steps += 1
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            losses = self.step(points)
        torch.cuda.current_stream().wait_stream(self.stream)
        return losses

    def _capture(self) -> None:
        """Record one step, without taking it; where that is not possible, keep to single launches and say so."""
        self.steps += 1
        graph = torch.cuda.CUDAGraph()
        try:
            # the outer one puts the stream back if the capture fails
            with torch.cuda.stream(torch.cuda.current_stream()), torch.cuda.graph(graph):
                self.losses = self.step(self.batch)
            self.graph = graph
        except RuntimeError as error:
            log.warning("no CUDA graph, so training is slower than it could be: %s", error)
