"""An epoch of VAE and WAE-MMD beside pythae's own trainer: same networks, data and batches, one core; and both losses.

By itself, as pythae is no dependency of this project: ``make bench-pythae``.
"""

import contextlib
import io
import logging
import tempfile
from typing import Any

import numpy as np
import torch
from aespectra.models.family import family_of
from aespectra.models.penalties.kl import kl
from aespectra.models.penalties.mmd import SCALES, mmd
from aespectra.models.train import train
from pythae.data.datasets import BaseDataset
from pythae.models import VAE, WAE_MMD, VAEConfig, WAE_MMD_Config
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from timing import ARCHITECTURE, PIXELS, TRAINING, images, side_by_side, table

COUNT, LATENT_DIM, LONG = 12_800, 8, 3
KINDS = ("vae", "wae_mmd")


class Encoder(BaseEncoder):
    """Of one of our networks, as pythae wants it."""

    def __init__(self, network: Any):
        super().__init__()
        self.network, self.latent_dim = network, LATENT_DIM

    def forward(self, x: torch.Tensor) -> ModelOutput:
        if not hasattr(self.network, "posterior"):
            return ModelOutput(embedding=self.network.encoder(x))
        mean, log_variance = self.network.posterior(x)
        return ModelOutput(embedding=mean, log_covariance=log_variance)


class Decoder(BaseDecoder):
    """The same of the decoder."""

    def __init__(self, network: Any):
        super().__init__()
        self.network = network

    def forward(self, z: torch.Tensor) -> ModelOutput:
        return ModelOutput(reconstruction=self.network.decoder(z))


def theirs(kind: str) -> VAE | WAE_MMD:
    """pythae's model around an untrained network of ours."""
    torch.manual_seed(0)
    network = family_of(kind).build((PIXELS,), LATENT_DIM, ARCHITECTURE)
    common = {"input_dim": (PIXELS,), "latent_dim": LATENT_DIM}
    if kind == "vae":
        return VAE(VAEConfig(**common), Encoder(network), Decoder(network))
    config = WAE_MMD_Config(**common, kernel_choice="imq", scales=list(SCALES), reg_weight=10.0)
    return WAE_MMD(config, Encoder(network), Decoder(network))


def their_epochs(kind: str, pixels: np.ndarray, epochs: int) -> None:
    """By their trainer, as its documentation shows it; what it prints is kept from the terminal."""
    data = BaseDataset(torch.from_numpy(pixels), torch.zeros(len(pixels)))
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
        config = BaseTrainerConfig(
            output_dir=folder,
            num_epochs=epochs,
            learning_rate=TRAINING["learning_rate"],
            per_device_train_batch_size=TRAINING["batch_size"],
            no_cuda=True,
        )
        BaseTrainer(theirs(kind), data, training_config=config).train()


def our_epochs(kind: str, pixels: np.ndarray, epochs: int) -> None:
    train(pixels, LATENT_DIM, 0, family_of(kind), ARCHITECTURE, TRAINING | {"epochs": epochs, "loss": "squared"})


def terms(kind: str) -> list[dict]:
    """Their loss terms and ours on the same latents and reconstructions, float64."""
    torch.manual_seed(1)
    x, y = torch.rand(2, 128, PIXELS, dtype=torch.float64)
    z, other = torch.randn(2, 128, LATENT_DIM, dtype=torch.float64)
    squared = (y - x).square().sum(dim=1).mean()
    if kind == "vae":
        _, reconstruction, divergence = theirs(kind).loss_function(y, x, z, other, None)
        pairs = {"reconstruction": (squared / 2, reconstruction), "kl": (kl(z, other), divergence)}
    else:
        _, reconstruction, discrepancy = theirs(kind).loss_function(y, x, z, other)
        pairs = {"reconstruction": (squared, reconstruction), "mmd": (mmd(z, other), discrepancy)}
    return [
        {"family": kind, "term": name, "ours": ours.item(), "pythae": its.item(), "off by": abs(ours / its - 1).item()}
        for name, (ours, its) in pairs.items()
    ]


def main() -> None:
    torch.set_num_threads(1)
    logging.disable(logging.WARNING)  # their trainer speaks of every epoch
    pixels = images()[:COUNT]
    calls = {
        (kind, who, epochs): lambda kind=kind, epochs=epochs, run=run: run(kind, pixels, epochs)
        for kind in KINDS
        for who, run in (("ours", our_epochs), ("pythae", their_epochs))
        for epochs in (1, LONG)
    }
    times = side_by_side(calls)
    rows = []
    for kind in KINDS:
        # of one epoch, without what comes before the first and after the last
        ours, its = ((times[kind, who, LONG] - times[kind, who, 1]) / (LONG - 1) for who in ("ours", "pythae"))
        rows.append({"family": kind, "ours, s": ours, "pythae, s": its, "pythae / ours": its / ours, "at least": 3})
    print(
        f"\nAn epoch of {COUNT:,} images, d = {LATENT_DIM}, batch {TRAINING['batch_size']}, one core\n\n{table(rows)}"
    )
    print(f"\nLoss terms on the same tensors\n\n{table([row for kind in KINDS for row in terms(kind)])}")


if __name__ == "__main__":
    main()
