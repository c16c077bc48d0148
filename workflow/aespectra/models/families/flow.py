"""The plain autoencoder, and a normalizing flow fitted to its latents afterwards: the prior is what they are.

Source: Durkan et al., arXiv 1906.04032 (neural spline flow, autoregressive), by zuko. Encoder and decoder are those of
the family ``autoencoder`` of the same seed, to the bit.
"""

from collections.abc import Sequence
from typing import Any

import torch
import zuko

from ...logs import Progress
from ..autoencoder import Autoencoder
from ..objectives import RECONSTRUCTION

TERMS = {"reconstruction": 1.0}

TRANSFORMS, HIDDEN = 3, (64, 64)
STEPS, BATCH, RATE = 600, 1024, 2e-3
"""Of the flow's own training, by Adam: at least so many steps, in whole passes over the latents."""

BLOCK = 4096
"""Images encoded at once."""


class FlowAutoencoder(Autoencoder):
    """The paper's network and an invertible map between its latents and N(0, I)."""

    centre: torch.Tensor
    scale: torch.Tensor

    def __init__(self, image_shape: Sequence[int], latent_dim: int, **architecture: Any):
        super().__init__(image_shape, latent_dim, **architecture)
        self.flow = zuko.flows.NSF(latent_dim, transforms=TRANSFORMS, hidden_features=HIDDEN)
        self.register_buffer("centre", torch.zeros(latent_dim))
        self.register_buffer("scale", torch.ones(latent_dim))

    def to_normal(self, z: torch.Tensor) -> torch.Tensor:
        """Where the flow puts latents z (n, latent_dim): like N(0, I), as far as it fits."""
        return self.flow().transform((z - self.centre) / self.scale)

    def from_normal(self, u: torch.Tensor) -> torch.Tensor:
        """The inverse: of u ~ N(0, I), latents like those of the training images."""
        return self.flow().transform.inv(u) * self.scale + self.centre


build = FlowAutoencoder.build


def losses(network: FlowAutoencoder, x: torch.Tensor, training: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The reconstruction error alone: the flow does not see the training."""
    return {"reconstruction": RECONSTRUCTION[training["loss"]](network(x), x)}


def finish(network: FlowAutoencoder, x: torch.Tensor) -> None:
    """Fit the flow to the latents of all images x (n, pixels) by maximum likelihood, constant units left alone."""
    with torch.no_grad():
        z = torch.cat([network.encoder(block) for block in x.split(BLOCK)])
        network.centre.copy_(z.mean(dim=0))
        deviation = z.std(dim=0)
        network.scale.copy_(torch.where(deviation > 0, deviation, 1))
        z = (z - network.centre) / network.scale
    optimizer = torch.optim.Adam(network.flow.parameters(), lr=RATE)
    passes = -(-STEPS // -(-len(z) // BATCH))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, passes)
    progress = Progress("flow", passes, "passes")
    for _ in range(passes):
        total = 0.0
        for batch in torch.randperm(len(z)).split(BATCH):
            loss = -network.flow().log_prob(z[batch.to(z.device)]).mean()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        schedule.step()
        progress.advance(1, f"{total / len(z):.5g} nats")
