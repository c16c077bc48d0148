"""A training step as one CUDA graph: these networks are so small that a GPU would mostly wait for the next launch.

Source: PyTorch documentation, CUDA semantics, section CUDA Graphs.
"""

import logging
from collections.abc import Callable

import torch

log = logging.getLogger(__name__)

WARM_UP = 3
"""Steps before the capture, on a stream of their own: libraries and optimizers make in the first what they keep."""


class GraphedStep:
    """A training step that is captured once and replayed from then on, with the same result.

    Parameters
    ----------
    step : takes a batch, makes one step of the optimizer and returns the loss, detached; without a word to the host
    optimizer : fused, so that all it keeps is on the device
    batch : the memory in which every whole batch comes
    """

    def __init__(
        self, step: Callable[[torch.Tensor], torch.Tensor], optimizer: torch.optim.Optimizer, batch: torch.Tensor
    ):
        self.step, self.optimizer, self.batch = step, optimizer, batch
        self.stream = torch.cuda.Stream()
        self.steps = 0
        self.graph: torch.cuda.CUDAGraph | None = None
        self.loss: torch.Tensor | None = None

    def __call__(self, points: torch.Tensor) -> torch.Tensor:
        """The loss at ``points``, to be used before the next step; only whole batches are graphed."""
        if points.shape != self.batch.shape:
            return self.step(points)
        if self.graph is not None:
            self.graph.replay()
            return self.loss
        if self.steps == WARM_UP:
            self._capture()
            return self(points)
        self.steps += 1
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            loss = self.step(points)
        torch.cuda.current_stream().wait_stream(self.stream)
        return loss

    def _capture(self) -> None:
        """Record one step, without taking it; where that is not possible, keep to single launches and say so."""
        self.steps += 1
        graph = torch.cuda.CUDAGraph()
        self.optimizer.zero_grad(set_to_none=True)  # so that gradients are made in the memory of the graph
        self._set_capturable(True)
        try:
            # the outer one puts the stream back if the capture fails
            with torch.cuda.stream(torch.cuda.current_stream()), torch.cuda.graph(graph):
                self.loss = self.step(self.batch)
            self.graph = graph
        except RuntimeError as error:
            log.warning("no CUDA graph, so training is slower than it could be: %s", error)
        finally:
            self._set_capturable(False)

    def _set_capturable(self, capturable: bool) -> None:
        """What torch asks of Adam before a capture, and warns of outside one; to a fused optimizer it is all one."""
        for group in self.optimizer.param_groups:
            if "capturable" in group:
                group["capturable"] = capturable
