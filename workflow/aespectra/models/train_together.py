"""Train many networks of a family at once, for a GPU that one leaves idle: the same steps, with stacked weights.

Latent spaces are padded with units of weight zero to the widest. These stay exactly zero: the gradient of their weights
in the encoder is a product with those in the decoder and the other way round, and no optimizer here moves a weight
whose gradient has always been zero. A family for which that holds says so: TOGETHER.
"""

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.func import functional_call, stack_module_state, vmap

from ..determinism import make_deterministic
from .family import Family, Network
from .step import descend, players
from .train import curves, in_order, run_epochs


def train_together(
    images: np.ndarray,
    pairs: Sequence[tuple[int, int]],
    family: Family,
    architecture: dict[str, Any],
    training: dict[str, Any],
    device: str = "cpu",
) -> tuple[list[Network], list[dict[str, np.ndarray]]]:
    """What ``train.train`` gives for each pair, but for rounding.

    Parameters
    ----------
    images : np.ndarray
        As for ``train.train``.
    pairs : Sequence[tuple[int, int]]
        (latent_dim, seed) of each network.
    family : Family
        One whose TOGETHER is True.
    architecture, training : dict
        As for ``train.train``.
    device : str
        cpu or cuda

    Returns
    -------
    networks : list[Network]
        In eval mode, on ``device``, in the order of ``pairs``.
    curves : list[dict[str, np.ndarray]]
        (epochs,) float64 of each: ``loss``, then every term by its name.

    Raises
    ------
    DivergedError
        A loss is no longer finite.
    """
    make_deterministic(device)
    networks = []
    for latent_dim, seed in pairs:
        torch.manual_seed(seed)
        networks.append(family.build(images.shape[1:], latent_dim, architecture))
    widest = family.build(images.shape[1:], max(latent_dim for latent_dim, _ in pairs), architecture)
    stacks, _ = stack_module_state([_padded(network, widest) for network in networks])
    weights = {name: stack.detach().to(device).requires_grad_() for name, stack in stacks.items()}
    of_family = players(family, weights, training)
    terms = _Losses(family, widest.to(device), training)
    of_each = vmap(lambda own, points: functional_call(terms, own, points))
    prefixed = {f"network.{name}": stack for name, stack in weights.items()}
    shufflers = {seed: torch.Generator().manual_seed(seed) for _, seed in pairs}

    def shuffle() -> torch.Tensor:
        orders = {seed: torch.randperm(len(images), generator=shuffler) for seed, shuffler in shufflers.items()}
        return torch.stack([orders[seed] for _, seed in pairs])

    history = run_epochs(
        lambda points: descend(of_family, in_order(of_each(prefixed, points), family)),
        torch.from_numpy(images).flatten(1).to(device),
        shuffle,
        [f"latent_dim {latent_dim}, seed {seed}" for latent_dim, seed in pairs],
        len(family.TERMS),
        training,
    )
    for i, network in enumerate(networks):
        own = {name: stack.detach()[i][_corner(network.state_dict()[name])] for name, stack in weights.items()}
        network.to(device).load_state_dict(own)
    return [network.eval() for network in networks], [curves(each, family) for each in history]


class _Losses(nn.Module):
    """A family's loss terms as a module, so that they can be taken with other weights."""

    def __init__(self, family: Family, network: Network, training: dict[str, Any]):
        super().__init__()
        self.family, self.network, self.training_options = family, network, training

    def forward(self, points: torch.Tensor) -> dict[str, torch.Tensor]:
        return self.family.losses(self.network, points, self.training_options)


def _padded(network: Network, widest: Network) -> Network:
    """A copy of the shape of ``widest`` that computes the same."""
    padded = copy.deepcopy(widest)
    with torch.no_grad():
        for name, weight in padded.named_parameters():
            own = network.get_parameter(name)
            weight.zero_()
            weight[_corner(own)] = own
    return padded


def _corner(weight: torch.Tensor) -> tuple[slice, ...]:
    """Where a weight lies in its padded form."""
    return tuple(map(slice, weight.shape))
