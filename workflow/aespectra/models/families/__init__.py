"""One module a family of autoencoders, found by its name when its job runs: editing one re-trains that family alone.

A family's module has

``TERMS``
    Its loss terms and the default weight of each, a literal: it is read without importing the module.
``build(image_shape, latent_dim, architecture)``
    An untrained ``Network`` for images of that shape, drawn from torch's global generator. All after training needs of
    it only ``encoder``, (n, pixels) to (n, latent_dim), and ``decoder``, (n, latent_dim) to (n, pixels), in eval
    mode deterministic and point by point; of a stochastic encoder, ``encoder`` is its mean.
``losses(network, x, training)``
    The value of every term at a batch, scalars by name.

and, where it needs them,

``PLAYERS``
    Submodules that have an optimiser of their own, as a critic does, each with the terms that it alone lessens. All
    other terms train all other parameters. Every player sees the weights from before the step.
``RATES``
    The learning rate of a player as a multiple of the recipe's, where it is another.
``BETAS``
    Decay rates of Adam's moments, for all players, where they are not torch's own.
``PRIORS``
    The priors that its penalty can compare latents with, a literal; ``training["prior"]`` names one of them, and the
    first where it is not given. Without it the family knows no prior but N(0, I), or none at all.
``finish(network, x)``
    What is fitted to the trained network, in eval mode, after the last epoch; x (n, pixels) are all training images.
``TOGETHER``
    True, a literal, if networks of several latent dimensions may be trained with stacked weights: no loss draws
    numbers, and one of latent units whose weights are all zero adds nothing to any, nor a gradient.

What losses and ``finish`` draw comes from torch's global generator, which training seeds by the network's seed.
A network of a stochastic encoder has ``posterior(x)`` as well, the mean and the log variance of z given x.
"""
