"""Modules with a forward of their own, networks of images, and the dense truth of the latter."""

from collections.abc import Callable
from typing import Any

import torch
from aespectra.linalg.jacobian import jacobians
from torch import nn

from .dense import assert_same_matrix, dense_jacobians

IMAGE = (2, 6, 5)
D = 3


class By(nn.Module):
    """A module with a forward of its own, and some parts."""

    def __init__(self, forward: Callable[..., torch.Tensor], *parts: nn.Module, **named: Any):
        super().__init__()
        self.parts = nn.ModuleList(parts)
        self.function = forward
        for name, value in named.items():
            setattr(self, name, value)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(self, x)


def flat(forward: Callable[..., torch.Tensor], *parts: nn.Module, **named: Any) -> nn.Module:
    """Of (12,) to (12,), as an encoder to (3,)."""
    return nn.Sequential(By(forward, *parts, **named), nn.Linear(12, D))


def images(*layers: nn.Module, units: int) -> nn.Module:
    """Of IMAGE."""
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(units, D))


def settled(module: nn.Module) -> nn.Module:
    """In eval mode and float64, with statistics and factors that a training could have left."""
    for layer in module.modules():
        for name in ("running_mean", "running_var", "weight", "bias"):
            values = getattr(layer, name, None)
            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d | nn.LayerNorm | nn.GroupNorm) and values is not None:
                nn.init.uniform_(values, 0.2, 1.5)
    return module.double().eval()


def assert_images_have_the_dense_truth(encoder: nn.Module, decoder: nn.Module, x: torch.Tensor, tolerance=1e-12):
    found = jacobians(encoder, decoder, x)
    with torch.no_grad():
        z = encoder(x)
        y = decoder(z)
    torch.testing.assert_close(found.latent, z, rtol=1e-11, atol=1e-11)
    torch.testing.assert_close(found.reconstruction_mse, ((y - x) ** 2).flatten(1).mean(dim=1), rtol=1e-11, atol=1e-11)
    assert found.matrices.isfinite().all()
    for i, point in enumerate(x):
        j_input, j_latent = dense_jacobians(encoder, decoder, point)
        assert_same_matrix(found.matrices[1][i], j_latent, tolerance)
        # K_I by its power traces, which those of the large matrix are too
        large = torch.from_numpy(j_input.reshape(point.numel(), -1))
        for power in range(1, found.latent.shape[1] + 1):
            left, right = (torch.linalg.matrix_power(m, power).trace() for m in (found.matrices[0][i], large))
            assert abs(left - right) <= 1e-10 * found.matrices[0][i].norm() ** power + 1e-300
