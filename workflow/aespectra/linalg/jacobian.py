"""Jacobians of an autoencoder, small enough to take the eigenvalues of.

With z = f_enc(x), y = f_dec(z), the paper (section II) asks for the d largest eigenvalues of the pixel-space Jacobian
J_I(x) = Df_dec(z) Df_enc(x), n x n, and for those of the latent Jacobian J_L(z) = Df_enc(y) Df_dec(z), d x d. AB and
BA have the same non-zero eigenvalues with the same multiplicities (Horn & Johnson, Matrix Analysis, theorem 1.3.22),
so

    K_I(x) = Df_enc(x) Df_dec(z)        stands for J_I(x)
    K_L(z) = Df_enc(y) Df_dec(z)        is J_L(z)

and no n x n matrix is ever formed. Both are found by pushing the d basis vectors of the latent space through the
decoder at z and then through the encoder, once at x and once at y.

Three modules do that, each for what it is the fastest for: ``perceptron`` for whatever is, at heart, linear layers and
activations; ``batched`` for other networks of known operations, such as convolutions; ``forward_mode`` for the rest.
"""

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd
from torch.nn.utils.parametrizations import _SpectralNorm

from .batch import Jacobians
from .batched import batched_jacobians
from .forward_mode import forward_mode_jacobians
from .graph import read
from .layers import UnreadableError
from .perceptron import perceptron_jacobians
from .perceptron_layers import layers_of, plain_layers
from .simpler import simpler
from .weights import like_of

OTHER_IN_TRAINING = (_BatchNorm, _DropoutNd, _SpectralNorm)
"""Layers that in training mode are random, look at the whole batch or change at every call."""


@torch.no_grad()
def jacobians(encoder: nn.Module, decoder: nn.Module, x: torch.Tensor, grams: bool = False) -> Jacobians:
    """Both Jacobians at every point.

    A module is read by torch.fx. Where all that it does is known, all points of a batch are pushed together; it may be
    nested, have a forward of its own, work in place or use a layer twice. Where something is not known, or a hook or a
    parametrization may change it, torch.func's forward mode under vmap has it, each point a batch of one; there
    ``same_pattern`` is False throughout, since activations inside an unknown module cannot be seen. Elsewhere it is of
    all activations, and of what max pooling takes; what a normalisation divides by may differ.

    Parameters
    ----------
    encoder, decoder : nn.Module
        On the device of ``x``; their dtype is that of the result, or that of ``x`` where neither has weights. They may
        work in place.
    x : torch.Tensor
        (n, …) as the encoder takes them; of that dtype or one to be converted batch by batch; left as it is.
    grams : bool
        Whether to find the Gram matrices of both derivatives too, for module ``geometry``.

    Returns
    -------
    Jacobians

    Raises
    ------
    ValueError
        A layer is in training mode and would there have no Jacobian at a point.
    """
    like = like_of(encoder, decoder, otherwise=x)
    plain = [plain_layers(module) for module in (encoder, decoder)]
    if plain[0] is not None and plain[1] is not None:
        return perceptron_jacobians(plain[0], plain[1], x, like, grams)
    check_mode(encoder, decoder)
    try:
        encoder_steps, z = read(encoder, x[:1].to(like))
        decoder_steps, y = read(decoder, z)
    except UnreadableError:
        return forward_mode_jacobians(encoder, decoder, x, like, grams)
    if z.dim() != 2 or y.shape != x[:1].shape:
        return forward_mode_jacobians(encoder, decoder, x, like, grams)
    encoder_steps, decoder_steps = simpler(encoder_steps), simpler(decoder_steps)
    dense = [layers_of(steps) for steps in (encoder_steps, decoder_steps)]
    if dense[0] is not None and dense[1] is not None:
        return perceptron_jacobians(dense[0], dense[1], x.flatten(1), like, grams)
    return batched_jacobians(encoder_steps, decoder_steps, x, like, encoder if grams else None)


def check_mode(*modules: nn.Module) -> None:
    """ValueError if a layer is in training mode and would there have no Jacobian at a point."""
    for module in modules:
        for layer in module.modules():
            if layer.training and isinstance(layer, OTHER_IN_TRAINING):
                raise ValueError(
                    f"a layer of type {type(layer).__name__} is in training mode, where a point alone does not decide "
                    "what it gives: call .eval() on encoder and decoder first."
                )
