"""What the two public questions supposed of Gaussian latents, each as numbers, one a cell of the study.

How well does the aggregate latent distribution q(z) of an autoencoder match N(0, I), and how much does that matter?
A to G are what was supposed there; H asks of the Jacobians. The bounds are this project's reading of the words; the
reason for each stands beside it. q(z) is what the decoder sees in training: of a stochastic encoder one draw an image.
"""

from collections.abc import Callable
from typing import NamedTuple

from ..summary.prior_study import PriorStudy
from .prior_quantities import (
    Values,
    against_deterministic,
    aiming,
    coverage_ranks_better,
    deeper,
    distance,
    error,
    fitted_afterwards,
    from_three_points,
    of_vae,
    other_prior,
    passing_mardia,
    quilt,
    ranked,
    reversed_share,
    sharpness,
    spread,
    wider,
    with_plain,
)
from .verdict import Bound


class Statement(NamedTuple):
    number: str
    says: str
    statistic: str
    """What is measured, in words."""
    cells: str
    """What there is a value for."""
    measure: Callable[[PriorStudy], Values]
    bound: Bound
    """Of every cell."""
    reason: str
    """For this bound."""


ABOVE_1, BELOW_1 = Bound(low=1, beyond=True), Bound(high=1, beyond=True)

BEYOND = "1 is the end of the range of 95 % of true samples of the same size"
LESS = "below 1: the words ask for a direction, not for a size"
HALF = "from .5 on the one explains a quarter of the variance of the other's ranks"
TENTH = "within a tenth: about what two seeds of one family differ by"

STATEMENTS = (
    Statement(
        "A1",
        "the q(z) of a VAE does not match N(0, I) exactly",
        "sliced W² of q(z) over that of true samples",
        "VAE, d",
        of_vae("sliced_wasserstein"),
        ABOVE_1,
        BEYOND,
    ),
    Statement(
        "A2",
        "with two latent units it is visibly a quilt of blobs, one a class",
        "share of latents whose nearest neighbour is of their class",
        "VAE with d = 2",
        quilt,
        Bound(low=0.5),
        "half; by chance it is .1",
    ),
    Statement(
        "A3",
        "the mixture is bigger than N(0, I)",
        "total variance of q(z) over that of true samples",
        "VAE, d",
        of_vae("total_variance"),
        ABOVE_1,
        BEYOND,
    ),
    Statement(
        "B",
        "one more hidden layer brings q(z) closer to N(0, I)",
        "sliced W² with the layer over that without",
        "two VAEs that differ by a layer, d",
        deeper,
        BELOW_1,
        LESS,
    ),
    Statement(
        "C1",
        "more latent dimensions bring each coordinate of a VAE's q(z) closer to a Gaussian",
        "Kolmogorov-Smirnov distance of coordinates, over that of the next smaller d",
        "VAE, two d",
        wider(lambda study: study.of_kind("vae")),
        BELOW_1,
        LESS,
    ),
    Statement(
        "C2",
        "the same of every family that aims at N(0, I)",
        "Kolmogorov-Smirnov distance of coordinates, over that of the next smaller d",
        "family, two d",
        wider(aiming),
        BELOW_1,
        LESS,
    ),
    Statement(
        "D1",
        "samples z ~ N(0, I) represent the data only as well as q(z) matches",
        "rank correlation over families, the plain autoencoder among them, of sliced W² and Fréchet distance",
        "d",
        ranked(with_plain, distance),
        Bound(low=0.5),
        HALF,
    ),
    Statement(
        "D2",
        "the same among the families that aim at N(0, I)",
        "rank correlation over these families of sliced W² and Fréchet distance",
        "d",
        ranked(aiming, distance),
        Bound(low=0.5),
        HALF,
    ),
    Statement(
        "E1",
        "a network can pass Mardia's tests and miss the distribution",
        "sliced W² over that of true samples, of the networks that pass both",
        "network that passes",
        passing_mardia,
        ABOVE_1,
        BEYOND,
    ),
    Statement(
        "E2",
        "agreement of the first moments leaves a large freedom",
        "sliced W² over that of true samples, of latents that are 0 or ±√3, with the first five moments of N(0, I)",
        "d",
        from_three_points,
        ABOVE_1,
        BEYOND,
    ),
    Statement(
        "F1",
        "the noise of a VAE blurs, which deterministic methods avoid",
        "power at high frequencies of the VAE's reconstructions over that of a deterministic family's",
        "deterministic family that aims at N(0, I), d",
        against_deterministic(sharpness),
        BELOW_1,
        LESS,
    ),
    Statement(
        "F2",
        "and it distorts",
        "reconstruction error of the VAE over that of a deterministic family",
        "deterministic family that aims at N(0, I), d",
        against_deterministic(error),
        ABOVE_1,
        "above 1: the words ask for a direction, not for a size",
    ),
    Statement(
        "G1",
        "exact agreement is less important than to cover the same region evenly",
        "rank correlation with the Fréchet distance: of the share of the prior that q(z) does not cover, less that of "
        "sliced W²",
        "d",
        coverage_ranks_better,
        Bound(low=0, beyond=True),
        "above 0 coverage ranks the families better",
    ),
    Statement(
        "G2",
        "the prior need not be Gaussian: sampling from a uniform one would do",
        "Fréchet distance of samples with the uniform prior over that with the Gaussian one",
        "kind with both, d",
        other_prior,
        Bound(high=1.1),
        TENTH,
    ),
    Statement(
        "G3",
        "nor need it be aimed at: a flow fitted afterwards would do",
        "Fréchet distance of the plain autoencoder's samples from the flow over the best family's from N(0, I)",
        "d",
        fitted_afterwards("flow"),
        Bound(high=1.1),
        TENTH,
    ),
    Statement(
        "G4",
        "or a Gaussian mixture",
        "Fréchet distance of the plain autoencoder's samples from the mixture over the best family's from N(0, I)",
        "d",
        fitted_afterwards("mixture"),
        Bound(high=1.1),
        TENTH,
    ),
    Statement(
        "H1",
        "with a Gaussian latent the spectra out of distribution differ less between seeds",
        "standard deviation of the mean ln|λ| over seeds, mean over the sets, over the plain autoencoder's; J_I",
        "family, d",
        spread("seed"),
        BELOW_1,
        LESS,
    ),
    Statement(
        "H2",
        "and less between latent dimensions",
        "standard deviation of the mean ln|λ| over d, mean over the sets, over the plain autoencoder's; J_I",
        "family",
        spread("latent_dim"),
        BELOW_1,
        LESS,
    ),
    Statement(
        "H3",
        "and they reverse orientation at no more points",
        "share of points, mean over the sets out of distribution, less the plain autoencoder's; J_I",
        "family, d",
        reversed_share,
        Bound(high=0),
        "at most 0: the words ask for a direction, not for a size",
    ),
)
