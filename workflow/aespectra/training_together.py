"""Train many autoencoders at once, for a GPU that one of them leaves idle: the same steps, with stacked weights.

Latent spaces are padded with units of weight zero to the widest. These stay exactly zero: the gradient of their weights
in the encoder is a product with those in the decoder and the other way round, and no optimizer here moves a weight
whose gradient has always been zero.
"""

import copy
import logging
from collections.abc import Sequence

import numpy as np
import torch
from torch.func import functional_call, stack_module_state, vmap

from .autoencoder import Autoencoder
from .cuda_graph import GraphedStep
from .determinism import make_deterministic
from .logs import Progress
from .objectives import RECONSTRUCTION
from .training import check_finite

log = logging.getLogger(__name__)


def train_together(
    images: np.ndarray, pairs: Sequence[tuple[int, int]], architecture: dict, training: dict, device: str = "cpu"
) -> tuple[list[Autoencoder], np.ndarray]:
    """What ``training.train`` gives for each pair, but for rounding.

    Parameters
    ----------
    images : (n, pixels) float32 in [0, 1]
    pairs : (latent_dim, seed) of each autoencoder
    architecture, training : config keys autoencoder and training
    device : cpu or cuda

    Returns
    -------
    models : the trained autoencoders, on ``device``, in the order of ``pairs``
    losses : (pairs, epochs) float64, mean training loss of each epoch

    Raises
    ------
    FloatingPointError : a loss is no longer finite; the message says what to change
    """
    make_deterministic(device)
    models = []
    for latent_dim, seed in pairs:
        torch.manual_seed(seed)
        models.append(Autoencoder(images.shape[1], latent_dim, **architecture))
    widest = Autoencoder(images.shape[1], max(latent_dim for latent_dim, _ in pairs), **architecture)
    weights, _ = stack_module_state([_padded(model, widest) for model in models])
    weights = {name: stack.detach().to(device).requires_grad_() for name, stack in weights.items()}
    widest.to(device)
    optimizer = getattr(torch.optim, training["optimizer"])(weights.values(), lr=training["learning_rate"], fused=True)
    reconstruct = vmap(lambda each, points: functional_call(widest, each, points))
    objective = vmap(RECONSTRUCTION[training["loss"]])
    shufflers = {seed: torch.Generator().manual_seed(seed) for _, seed in pairs}
    x = torch.from_numpy(images).to(device)
    whole = x.new_empty(len(pairs), min(training["batch_size"], len(x)), x.shape[1])

    def step(points: torch.Tensor) -> torch.Tensor:
        loss = objective(reconstruct(weights, points), points)
        optimizer.zero_grad(set_to_none=True)
        loss.sum().backward()  # no weight is in two of them
        optimizer.step()
        return loss.detach()

    take = GraphedStep(step, optimizer, whole) if device == "cuda" else step
    losses = np.empty((len(pairs), training["epochs"]))
    log.info("%d autoencoders: training begins on %s, %d images", len(pairs), device, len(x))
    progress = Progress(f"{len(pairs)} autoencoders", training["epochs"], "epochs")
    for epoch in range(training["epochs"]):
        total = torch.zeros(len(pairs), dtype=torch.float64, device=device)
        orders = {seed: torch.randperm(len(x), generator=shuffler) for seed, shuffler in shufflers.items()}
        order = torch.stack([orders[seed] for _, seed in pairs]).to(device)
        for batch in order.split(training["batch_size"], dim=1):
            points = whole.view(-1, x.shape[1])[: batch.numel()]
            torch.index_select(x, 0, batch.reshape(-1), out=points)
            total += take(points.view(*batch.shape, -1)) * batch.shape[1]
        losses[:, epoch] = total.cpu().numpy() / len(x)
        for (latent_dim, seed), loss in zip(pairs, losses[:, epoch], strict=True):
            check_finite(loss, epoch, f"latent_dim {latent_dim}, seed {seed}", training)
        progress.advance(1, f"mean loss {losses[:, epoch].mean():.5g}")
    for i, model in enumerate(models):
        own = {name: stack.detach()[i][_corner(model.state_dict()[name])] for name, stack in weights.items()}
        model.to(device).load_state_dict(own)
    return [model.eval() for model in models], losses


def _padded(model: Autoencoder, widest: Autoencoder) -> Autoencoder:
    """A copy of the shape of ``widest`` that computes the same."""
    padded = copy.deepcopy(widest)
    with torch.no_grad():
        for name, weight in padded.named_parameters():
            own = model.get_parameter(name)
            weight.zero_()
            weight[_corner(own)] = own
    return padded


def _corner(weight: torch.Tensor) -> tuple[slice, ...]:
    """Where a weight lies in its padded form."""
    return tuple(map(slice, weight.shape))
