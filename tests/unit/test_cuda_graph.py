"""Graphed training: on a stand-in for CUDA that captures and replays on the CPU, and on a GPU where there is one."""

import contextlib

import numpy as np
import pytest
import torch
from aespectra.models import cuda_graph
from aespectra.models.cuda_graph import WARM_UP, GraphedStep
from aespectra.models.families import autoencoder as family
from aespectra.models.optimizers import OPTIMIZERS
from aespectra.models.train import train
from aespectra.models.train_together import train_together
from torch import nn

ARCHITECTURE = {"hidden": [16, 8], "activation": "ReLU", "output_activation": "Tanh"}
RECIPE = {"epochs": 3, "batch_size": 32, "optimizer": "Adam", "learning_rate": 0.002, "loss": "mse"}
PAIRS = [(2, 0), (5, 1)]


class Loop:
    """A training loop on the CPU, whose step tells how it was called."""

    def __init__(self, optimizer: str = "Adam"):
        torch.manual_seed(0)
        self.model = nn.Sequential(nn.Linear(6, 3), nn.Tanh(), nn.Linear(3, 6))
        self.optimizer = OPTIMIZERS[optimizer](list(self.model.parameters()), 0.01)
        self.batch = torch.empty(4, 6)
        self.sizes: list[int] = []

    def step(self, points: torch.Tensor) -> torch.Tensor:
        self.sizes.append(len(points))
        loss = (self.model(points) - points).square().mean()
        self.optimizer.step(torch.autograd.grad(loss, list(self.model.parameters())))
        return loss.detach()

    def run(self, take) -> list[float]:
        """Five epochs of two whole batches and a smaller one."""
        losses = []
        x = torch.from_numpy(np.random.default_rng(0).random((10, 6), np.float32))
        for part in [slice(0, 4), slice(4, 8), slice(8, 10)] * 5:
            points = self.batch[: len(x[part])].copy_(x[part])
            losses.append(take(points).item())
        return losses

    def state(self) -> list[torch.Tensor]:
        """Everything a step changes."""
        states = [value for each in self.optimizer.states for value in each]
        return [*self.optimizer.parameters, *states, self.optimizer.steps]


class Graph:
    """Stands in for torch.cuda.CUDAGraph: remembers the loop and steps again, into the same loss."""

    def replay(self) -> None:
        self.graphed.losses.copy_(self.graphed.step(self.graphed.batch))


class Stream:
    def wait_stream(self, other: "Stream") -> None:
        assert isinstance(other, Stream)


@pytest.fixture
def graphed(monkeypatch):
    """graphed(loop): a GraphedStep on a stand-in for CUDA, in which a capture leaves no trace, as on a GPU."""

    def make(loop: Loop, error: str = "") -> GraphedStep:
        @contextlib.contextmanager
        def capture(graph: Graph):
            state = [value.clone() for value in loop.state()]
            yield
            for value, before in zip(loop.state(), state, strict=True):
                value.copy_(before)
            if error:
                raise RuntimeError(error)
            graph.graphed = result

        monkeypatch.setattr(torch.cuda, "graph", capture)
        result = GraphedStep(loop.step, loop.batch)
        return result

    for name, stand_in in (("Stream", Stream), ("CUDAGraph", Graph), ("current_stream", Stream)):
        monkeypatch.setattr(torch.cuda, name, stand_in)
    monkeypatch.setattr(torch.cuda, "stream", lambda stream: contextlib.nullcontext())
    return make


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_graphed_steps_are_the_plain_ones(graphed, optimizer):
    plain, loop = Loop(optimizer), Loop(optimizer)
    expected = plain.run(plain.step)
    take = graphed(loop)
    assert loop.run(take) == expected
    assert take.graph is not None
    for found, wanted in zip(loop.state(), plain.state(), strict=True):
        assert torch.equal(found, wanted)
    # the second epoch's second batch, the fourth whole one, is captured first
    assert WARM_UP == 3
    assert loop.sizes == [4, 4, 2, 4, 4, *plain.sizes[4:]]


def test_a_capture_that_fails_is_said_and_training_goes_on(graphed, caplog):
    plain, loop = Loop(), Loop()
    take = graphed(loop, error="no such thing")
    assert loop.run(take) == plain.run(plain.step)
    assert take.graph is None
    assert [record.getMessage() for record in caplog.records] == [
        "no CUDA graph, so training is slower than it could be: no such thing"
    ]


needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


@needs_gpu
@pytest.mark.parametrize("loss", ["mse", "euclidean"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_on_a_gpu_the_graph_gives_the_bits_of_single_launches(monkeypatch, caplog, small_digits, optimizer, loss):
    images, recipe = small_digits[:200], RECIPE | {"optimizer": optimizer, "loss": loss}
    model, losses = train(images, 3, 0, family, ARCHITECTURE, recipe, "cuda")
    models, curves = train_together(images, PAIRS, family, ARCHITECTURE, recipe, "cuda")
    assert not [record for record in caplog.records if "CUDA graph" in record.getMessage()]
    monkeypatch.setattr(cuda_graph, "WARM_UP", 10**9)
    plain, expected = train(images, 3, 0, family, ARCHITECTURE, recipe, "cuda")
    plain_models, expected_curves = train_together(images, PAIRS, family, ARCHITECTURE, recipe, "cuda")
    for found, wanted in zip([losses, *curves], [expected, *expected_curves], strict=True):
        np.testing.assert_array_equal(found["loss"], wanted["loss"])
    for one, two in zip([model, *models], [plain, *plain_models], strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
    _, on_cpu = train(images, 3, 0, family, ARCHITECTURE, recipe)
    np.testing.assert_allclose(losses["loss"], on_cpu["loss"], rtol=1e-4)
