"""The Kullback-Leibler divergence of a Gaussian posterior from N(0, I).

Source: Kingma and Welling, arXiv 1312.6114, appendix B.
"""

import torch


def kl(mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """½ Σ_j (μ_j² + σ_j² − 1 − log σ_j²), in nats, the mean over the points.

    Parameters
    ----------
    mean, log_variance : torch.Tensor
        (n, d): μ and log σ² of the posterior of each point.

    Returns
    -------
    torch.Tensor
        Scalar.
    """
    return 0.5 * (mean.square() + log_variance.expm1() - log_variance).sum(dim=1).mean()
