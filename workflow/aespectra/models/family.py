"""The seam between a family of autoencoders and all that trains, keeps and evaluates its networks."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any, Protocol, cast

import torch
from torch import nn

from ..linalg.weights import like_of


class Network(nn.Module):
    """What all that follows training needs of a network; both parts deterministic and point by point in eval mode."""

    encoder: nn.Module
    """(n, pixels) to (n, latent_dim); of a stochastic encoder, its mean."""
    decoder: nn.Module
    """(n, latent_dim) to (n, pixels)"""
    empty: torch.Tensor
    """Follows the network to a device and a dtype, which a network without weights would not know of itself."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("empty", torch.empty(0), persistent=False)

    @property
    def like(self) -> torch.Tensor:
        """A tensor of the network's dtype and on its device, as points are to be."""
        return like_of(self, otherwise=self.empty)


class Family(Protocol):
    """What a module of ``families`` has; the package's docstring says what each part means."""

    TERMS: Mapping[str, float]

    def build(self, image_shape: Sequence[int], latent_dim: int, architecture: dict[str, Any]) -> Network: ...

    def losses(self, network: Any, x: torch.Tensor, training: dict[str, Any]) -> dict[str, torch.Tensor]: ...


def family_of(kind: str) -> Family:
    """The family's module, by its name.

    Raises
    ------
    ValueError
        No module of ``families`` has this name.
    """
    name = f"{__package__}.families.{kind}"
    try:
        return cast(Family, import_module(name))
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise ValueError(f"there is no family of kind '{kind}'.") from None


def players_of(family: Family) -> Mapping[str, tuple[str, ...]]:
    """Loss terms by the submodule that lessens them with an optimiser of its own; none unless the family says so."""
    return cast(ModuleType, family).__dict__.get("PLAYERS", {})


def rates_of(family: Family) -> Mapping[str, float]:
    """Factors of the learning rate by the submodule that has a rate of its own; none unless the family says so."""
    return cast(ModuleType, family).__dict__.get("RATES", {})


def betas_of(family: Family) -> tuple[float, float] | None:
    """Adam's decay rates, where they are not torch's own."""
    return cast(ModuleType, family).__dict__.get("BETAS")


def finish(family: Family, network: Network, images: torch.Tensor) -> None:
    """What a family does with a network after its last epoch, if anything; ``images`` (n, pixels) are all of them."""
    after = cast(ModuleType, family).__dict__.get("finish")
    if after is not None:
        after(network, images)
