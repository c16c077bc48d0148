"""One step of training: the gradients of a family's loss terms, and an optimiser for each of its players."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch

from .family import Family, betas_of, players_of, rates_of
from .optimizers import OPTIMIZERS, Optimizer


class Player(NamedTuple):
    """Parameters that are trained together, on some of the loss terms."""

    weights: dict[str, float]
    """Of its terms, by their names."""
    parameters: list[torch.Tensor]
    optimizer: Optimizer


def players(family: Family, parameters: Mapping[str, torch.Tensor], training: dict[str, Any]) -> list[Player]:
    """The players of a family, first the one that trains encoder and decoder.

    Parameters
    ----------
    family : Family
        Says which terms there are, and which submodules are players of their own.
    parameters : Mapping[str, torch.Tensor]
        All of a network, or of several with stacked weights, by their names in the network.
    training : dict
        ``optimizer``, one of ``OPTIMIZERS``; ``learning_rate``; ``weights`` of terms, where they are not the
        family's own.
    """
    weights = dict(family.TERMS) | training.get("weights", {})
    own = players_of(family)
    taken = {term for terms in own.values() for term in terms}
    rate, rates = training["learning_rate"], rates_of(family)
    shares = [([term for term in weights if term not in taken], _outside(parameters, list(own)), rate)]
    shares += [(list(terms), _inside(parameters, name), rate * rates.get(name, 1.0)) for name, terms in own.items()]
    optimizer, betas = OPTIMIZERS[training["optimizer"]], betas_of(family)
    options = {"betas": betas} if betas and training["optimizer"] in ("Adam", "AdamW") else {}
    return [
        Player({term: weights[term] for term in terms}, mine, optimizer(mine, own_rate, **options))
        for terms, mine, own_rate in shares
    ]


def descend(players: Sequence[Player], terms: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Take one step of every player, all from the same weights.

    Parameters
    ----------
    players : Sequence[Player]
        All of the family, the one of encoder and decoder first.
    terms : Mapping[str, torch.Tensor]
        Values of the loss terms, scalars, or (networks,) of networks that have no weight in common.

    Returns
    -------
    torch.Tensor
        (..., 1 + terms), detached: the first player's objective, then every term as it is, not weighted.
    """
    objectives = [_weighted(player.weights, terms) for player in players]
    gradients = [
        torch.autograd.grad(
            objective.sum(), player.parameters, retain_graph=player is not players[-1], allow_unused=True
        )
        for player, objective in zip(players, objectives, strict=True)
    ]
    for player, own in zip(players, gradients, strict=True):
        player.optimizer.step(own)
    return torch.stack([objectives[0], *terms.values()], dim=-1).detach()


def _weighted(weights: Mapping[str, float], terms: Mapping[str, torch.Tensor]) -> torch.Tensor:
    parts = [terms[name] if weight == 1 else weight * terms[name] for name, weight in weights.items()]
    return sum(parts[1:], start=parts[0])


def _inside(parameters: Mapping[str, torch.Tensor], submodule: str) -> list[torch.Tensor]:
    return [each for name, each in parameters.items() if name.startswith(f"{submodule}.")]


def _outside(parameters: Mapping[str, torch.Tensor], submodules: Sequence[str]) -> list[torch.Tensor]:
    within = tuple(f"{name}." for name in submodules)
    return [each for name, each in parameters.items() if not name.startswith(within)]
