"""What every benchmark here needs: times side by side, a trained network, the points to take it to."""

import os
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import torch
import yaml
from aespectra.data.noise import draw
from aespectra.models.autoencoder import Autoencoder
from aespectra.models.checkpoint import load_checkpoint
from aespectra.models.families import autoencoder as plain
from aespectra.models.train import train
from aespectra.slabs.grid import key_of

ROOT = Path(__file__).parents[2]
PIXELS = 784
ARCHITECTURE = {"hidden": [128, 64, 32], "activation": "ReLU", "output_activation": "Tanh"}
TRAINING = {"epochs": 3, "batch_size": 128, "optimizer": "Adam", "learning_rate": 0.001, "loss": "mse"}


def side_by_side(functions: dict[str, Callable[[], object]], repeats: int = 3) -> dict[str, float]:
    """Seconds of the fastest of several runs of each, taken in turns, after one that does not count."""
    times = {name: [] for name in functions}
    for turn in range(repeats + 1):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            if turn:
                times[name].append(time.perf_counter() - start)
    return {name: min(each) for name, each in times.items()}


@cache
def images() -> np.ndarray:
    """(n, 784) float32: MNIST where AESPECTRA_MNIST says where it is, else scikit-learn's digits, enlarged."""
    if root := os.environ.get("AESPECTRA_MNIST"):
        raw = (Path(root) / "MNIST" / "raw" / "train-images-idx3-ubyte").read_bytes()
        return np.frombuffer(raw, np.uint8, offset=16).reshape(-1, PIXELS).astype(np.float32) / 255
    from sklearn.datasets import load_digits

    digits = np.kron(load_digits().images / 16, np.ones((3, 3)))
    enlarged = np.pad(digits, ((0, 0), (2, 2), (2, 2))).reshape(-1, PIXELS).astype(np.float32)
    return np.concatenate([enlarged] * 30)


@cache
def network(latent_dim: int) -> Autoencoder:
    """Trained for long enough that its units have specialised."""
    return train(images(), latent_dim, 0, plain, ARCHITECTURE, TRAINING)[0]


def kept_networks() -> dict[int, list[Path]]:
    """Checkpoints of the kept study by latent dimension, a path a seed."""
    folder = ROOT / "results" / "reference" / "models" / "autoencoder"
    latent_dims = sorted({int(path.name[1:].partition("_")[0]) for path in folder.glob("*.safetensors")})
    return {d: sorted(folder.glob(f"d{d}_*.safetensors")) for d in latent_dims}


def kept_network(path: Path) -> Autoencoder:
    """One of these, in float32."""
    made_for = key_of(path)._asdict() | {"image_shape": (PIXELS,), "autoencoder": ARCHITECTURE}
    return load_checkpoint(path, plain, made_for)[0]


def noise_sets() -> list[dict]:
    """The paper's ten."""
    return yaml.safe_load((ROOT / "config" / "config.yaml").read_text())["evaluation"]["sets"]


@cache
def eleven_sets(samples: int) -> dict[str, np.ndarray]:
    """(samples, 784) float32 of D_train and of each of the paper's ten sets of noise."""
    noise = {spec["name"]: draw(spec, 0, PIXELS, 0, samples).astype(np.float32) for spec in noise_sets()}
    return {"D_train": images()[:samples], **noise}


def gemm_peak(dtype: torch.dtype) -> float:
    """FLOP a second of the best of a large square product and of the two shapes that dominate here."""
    rates = []
    for m, k, n in ((2048, 2048, 2048), (2048, 784, 128), (2048, 128, 784)):
        a, b = torch.randn(m, k, dtype=dtype), torch.randn(k, n, dtype=dtype)
        rates.append(2 * m * k * n / side_by_side({"mm": lambda a=a, b=b: a @ b}, 20)["mm"])
    return max(rates)


def table(rows: list[dict]) -> str:
    """Markdown; numbers to three digits."""
    lines = ["| " + " | ".join(rows[0]) + " |", "|" + " --- |" * len(rows[0])]
    for row in rows:
        lines.append("| " + " | ".join(f"{v:,.3g}" if isinstance(v, float) else str(v) for v in row.values()) + " |")
    return "\n".join(lines)
