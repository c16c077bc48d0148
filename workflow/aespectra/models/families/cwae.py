"""The Cramer-Wold autoencoder: nothing is drawn, the distance to N(0, I) has a closed form.

Source: Knop et al., arXiv 1805.09235 (JMLR 21, 2020), section 5: the logarithm of the distance is lessened.
"""

from typing import Any

import torch

from ..autoencoder import Autoencoder
from ..objectives import RECONSTRUCTION
from ..penalties.cramer_wold import cramer_wold

TERMS = {"reconstruction": 0.05, "log_cramer_wold": 0.05}


build = Autoencoder.build


def losses(network: Autoencoder, x: torch.Tensor, training: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The reconstruction error, and the logarithm of the Cramer-Wold distance of the latents."""
    z = network.encoder(x)
    return {
        "reconstruction": RECONSTRUCTION[training["loss"]](network.decoder(z), x),
        # a distance that is zero but for rounding may come out negative
        "log_cramer_wold": cramer_wold(z).clamp_min(torch.finfo(z.dtype).eps).log(),
    }
