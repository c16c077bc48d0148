"""How far the latents of a batch are from a prior: one module a penalty, written from its formula.

Each takes latents (n, d) and is a scalar, differentiable, in the dtype of the latents. All are least, but for the noise
of a finite sample, where the latents have the distribution of the prior.
"""
