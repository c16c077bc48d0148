"""Jacobians of networks other than the paper's, on one core, d = 10, float64, beside what their users would write.

Perceptrons with normalisation, Dropout or nested layers stand beside the plain one, and two of them beside the plain
network that computes the same, as how many units are on is another matter than how layers are written down. Networks of
images stand beside four lines, vmap(jacrev(encoder))(x) @ vmap(jacfwd(decoder))(z), which find J_I alone, and beside
numpy's eigenvalues of the 784 x 784 Jacobian. All are trained for a few steps, on digits, so that their units have
specialised.
"""

from itertools import pairwise

import numpy as np
import torch
from aespectra.linalg.forward_mode import forward_mode_jacobians
from aespectra.linalg.jacobian import jacobians
from aespectra.models.family import Network
from aespectra.slabs.compute import block_spectra
from timing import PIXELS, eleven_sets, images, side_by_side
from torch import nn
from torch.func import jacfwd, jacrev, vmap
from torch.nn.utils.fusion import fuse_linear_bn_eval

D = 10
HIDDEN = (128, 64, 32)
STEPS = 200
POINTS = 2112
DENSE = 2


def perceptron(*after: str, nested: bool = False) -> tuple[nn.Module, nn.Module]:
    """The paper's; what comes after each hidden linear layer by name."""
    made = {
        "ReLU": lambda _: nn.ReLU(),
        "BatchNorm": nn.BatchNorm1d,
        "LayerNorm": nn.LayerNorm,
        "Dropout": lambda _: nn.Dropout(0.1),
    }

    def network(*sizes: int) -> list[nn.Module]:
        blocks = [[nn.Linear(a, b), *(made[name](b) for name in after)] for a, b in pairwise(sizes[:-1])]
        hidden = [nn.Sequential(*block) if nested else block for block in blocks]
        layers = hidden if nested else [layer for block in hidden for layer in block]
        return [*layers, nn.Linear(sizes[-2], sizes[-1])]

    encoder, decoder = network(PIXELS, *HIDDEN, D), network(D, *reversed(HIDDEN), PIXELS)
    return nn.Sequential(nn.Flatten(), *encoder), nn.Sequential(*decoder, nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))


def by_hand(module: nn.Module) -> nn.Module:
    """The same without Dropout, and with BatchNorm in the weights before it."""
    layers: list[nn.Module] = []
    for layer in module:
        if isinstance(layer, nn.BatchNorm1d):
            layers[-1] = fuse_linear_bn_eval(layers[-1], layer)
        elif not isinstance(layer, nn.Dropout):
            layers.append(layer)
    return nn.Sequential(*layers)


def convolutional(channels: tuple[int, int, int], norm: bool = False) -> tuple[nn.Module, nn.Module]:
    """Three convolutions each way, over 14 x 14 and 7 x 7 to 4 x 4 pixels."""
    a, b, c = channels

    def hidden(width: int) -> list[nn.Module]:
        return [*([nn.BatchNorm2d(width)] if norm else []), nn.ReLU()]

    encoder = nn.Sequential(
        nn.Conv2d(1, a, 3, 2, 1), *hidden(a), nn.Conv2d(a, b, 3, 2, 1), *hidden(b),
        nn.Conv2d(b, c, 3, 2, 1), *hidden(c), nn.Flatten(), nn.Linear(16 * c, D),
    )  # fmt: skip
    decoder = nn.Sequential(
        nn.Linear(D, 16 * c), nn.ReLU(), nn.Unflatten(1, (c, 4, 4)), nn.ConvTranspose2d(c, b, 3, 2, 1), *hidden(b),
        nn.ConvTranspose2d(b, a, 3, 2, 1, 1), *hidden(a), nn.ConvTranspose2d(a, 1, 3, 2, 1, 1), nn.Sigmoid(),
    )  # fmt: skip
    return encoder, decoder


def trained(encoder: nn.Module, decoder: nn.Module) -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(0)
    x = torch.from_numpy(images()).view(-1, 1, 28, 28)
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], 1e-3)
    for batch in torch.randint(len(x), (STEPS, 128)):
        optimizer.zero_grad()
        (decoder(encoder(x[batch])) - x[batch]).square().mean().backward()
        optimizer.step()
    return encoder.double().eval(), decoder.double().eval()


def four_lines(encoder: nn.Module, decoder: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """J_I's d x d matrix as their users would find it."""
    z = encoder(x)
    down = vmap(jacrev(lambda point: encoder(point[None])[0]))(x)
    up = vmap(jacfwd(lambda point: decoder(point[None])[0]))(z)
    return down.flatten(2) @ up.flatten(1, 3)


def dense(encoder: nn.Module, decoder: nn.Module, x: torch.Tensor) -> np.ndarray:
    """All eigenvalues of J_I."""
    large = vmap(jacrev(lambda point: decoder(encoder(point[None]))[0]))(x)
    return np.linalg.eigvals(large.detach().reshape(len(x), PIXELS, PIXELS).numpy())


def points() -> torch.Tensor:
    """Of all eleven sets, one set after the other, as in a study."""
    sets = eleven_sets(POINTS // 11)
    return torch.from_numpy(np.concatenate(list(sets.values()))).double().view(-1, 1, 28, 28)


def perceptrons() -> list[dict]:
    """Microseconds a point of both Jacobians, and how many times those of the plain one."""
    torch.manual_seed(0)
    x = points()
    networks = {
        "plain": trained(*perceptron("ReLU")),
        "nested": trained(*perceptron("ReLU", nested=True)),
        "Dropout": trained(*perceptron("ReLU", "Dropout")),
        "BatchNorm, ReLU": trained(*perceptron("BatchNorm", "ReLU")),
        "ReLU, BatchNorm": trained(*perceptron("ReLU", "BatchNorm")),
        "LayerNorm, ReLU": trained(*perceptron("LayerNorm", "ReLU")),
        "ReLU, LayerNorm": trained(*perceptron("ReLU", "LayerNorm")),
    }
    for name in ("Dropout", "BatchNorm, ReLU"):
        networks[f"{name}, by hand"] = tuple(by_hand(module) for module in networks[name])
    functions = {name: lambda pair=pair: jacobians(*pair, x) for name, pair in networks.items()}
    times = side_by_side(functions, 5)
    return [
        {"layers": name, "µs": seconds / len(x) * 1e6, "/ plain": seconds / times["plain"]}
        for name, seconds in times.items()
    ]


def of_images() -> list[dict]:
    """Microseconds a point: both Jacobians by us, and what else there is, with its ratio to ours."""
    torch.manual_seed(0)
    x, rows = points(), []
    for channels, norm in (((8, 16, 32), False), ((16, 32, 32), False), ((16, 32, 64), False), ((16, 32, 64), True)):
        pair = trained(*convolutional(channels, norm))
        mixed = x[torch.randperm(len(x))]
        counts = {"ours": len(x), "four lines, J_I": 64, "forward mode": 64, "784 x 784, J_I": DENSE}
        functions = {
            "ours": lambda pair=pair: jacobians(*pair, x),
            "four lines, J_I": lambda pair=pair, mixed=mixed: four_lines(*pair, mixed[:64]),
            "forward mode": lambda pair=pair, mixed=mixed: forward_mode_jacobians(*pair, mixed[:64], mixed),
            "784 x 784, J_I": lambda pair=pair, mixed=mixed: dense(*pair, mixed[:DENSE]),
        }
        times = {name: seconds / counts[name] * 1e6 for name, seconds in side_by_side(functions, 4).items()}
        rows.append(
            {"channels": " ".join(map(str, channels)) + (", BatchNorm" if norm else "")}
            | {f"{name}, µs": each for name, each in times.items()}
            | {f"{name} / ours": each / times["ours"] for name, each in times.items() if name != "ours"}
        )
    return rows


def with_geometry() -> list[dict]:
    """Microseconds a point of eigenvalues alone and with singular values, of both Jacobians."""
    torch.manual_seed(0)
    x, rows = points().numpy(), []
    for name, pair in {"perceptron": perceptron("ReLU"), "8 16 32": convolutional((8, 16, 32))}.items():
        network = Network()
        network.encoder, network.decoder = trained(*pair)
        functions = {
            "eigenvalues": lambda network=network: block_spectra(network, x),
            "and geometry": lambda network=network: block_spectra(network, x, with_geometry=True),
        }
        times = side_by_side(functions, 4)
        rows.append(
            {"network": name}
            | {f"{each}, µs": seconds / len(x) * 1e6 for each, seconds in times.items()}
            | {"ratio": times["and geometry"] / times["eigenvalues"]}
        )
    return rows
