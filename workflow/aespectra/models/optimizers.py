"""torch's fused optimisers, by the names and with the defaults of torch.optim, less the classes around them.

Those import torch's compiler, which takes as long as torch itself, and take longer over a step of a small network than
the products of its layers. The arithmetic is theirs, to the bit.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar

import torch

Tensors = list[torch.Tensor]


class Optimizer(ABC):
    """Moves parameters by their gradients.

    Parameters
    ----------
    parameters : Sequence[torch.Tensor]
        Of one dtype, on one device, contiguous.
    rate : float
        The learning rate.
    """

    STATES: ClassVar[int]
    """Tensors of a parameter's shape that are kept beside it."""

    def __init__(self, parameters: Sequence[torch.Tensor], rate: float):
        self.rate = rate
        self.parameters = [each.detach() for each in parameters]  # the same memory, out of autograd's sight
        self.states = [[torch.zeros_like(each) for each in self.parameters] for _ in range(self.STATES)]
        self.steps = self.parameters[0].new_zeros(())

    def step(self, gradients: Sequence[torch.Tensor | None]) -> None:
        """Move every parameter but those whose gradient is None, since no term of the loss knows them."""
        self.steps.add_(1)
        known = [i for i, gradient in enumerate(gradients) if gradient is not None]
        self.move(
            [self.parameters[i] for i in known],
            # the kernels walk through memory, and autograd may give a transposed view
            [gradient.contiguous() for gradient in gradients if gradient is not None],
            [[each[i] for i in known] for each in self.states],
            [self.steps] * len(known),
        )

    @abstractmethod
    def move(self, parameters: Tensors, gradients: Tensors, states: list[Tensors], steps: Tensors, /) -> None:
        """Call torch's kernel; ``steps`` is the number of this one, a place a parameter."""


class Adam(Optimizer):
    """Source: Kingma and Ba, arXiv 1412.6980."""

    STATES = 2
    KERNEL: ClassVar[Callable[..., None]] = staticmethod(torch._fused_adam_)
    WEIGHT_DECAY = 0.0

    def __init__(self, parameters: Sequence[torch.Tensor], rate: float, betas: tuple[float, float] = (0.9, 0.999)):
        super().__init__(parameters, rate)
        self.betas = betas

    def move(self, parameters: Tensors, gradients: Tensors, states: list[Tensors], steps: Tensors, /) -> None:
        means, squares = states
        self.KERNEL(
            parameters,
            gradients,
            means,
            squares,
            [],
            steps,
            lr=self.rate,
            beta1=self.betas[0],
            beta2=self.betas[1],
            weight_decay=self.WEIGHT_DECAY,
            eps=1e-8,
            amsgrad=False,
            maximize=False,
        )


class AdamW(Adam):
    """Source: Loshchilov and Hutter, arXiv 1711.05101."""

    KERNEL = staticmethod(torch._fused_adamw_)
    WEIGHT_DECAY = 0.01


class Adagrad(Optimizer):
    """Source: Duchi, Hazan and Singer, JMLR 12 (2011)."""

    STATES = 1

    def move(self, parameters: Tensors, gradients: Tensors, states: list[Tensors], steps: Tensors, /) -> None:
        (sums,) = states
        torch._fused_adagrad_(
            parameters, gradients, sums, steps, lr=self.rate, lr_decay=0, weight_decay=0, eps=1e-10, maximize=False
        )


class SGD(Optimizer):
    """Gradient descent, without momentum."""

    STATES = 0

    def move(self, parameters: Tensors, gradients: Tensors, /, *_: object) -> None:
        torch._fused_sgd_(
            parameters,
            gradients,
            [],
            lr=self.rate,
            weight_decay=0,
            momentum=0,
            dampening=0,
            nesterov=False,
            maximize=False,
            is_first_step=False,
        )


OPTIMIZERS: dict[str, type[Optimizer]] = {each.__name__: each for each in (Adam, AdamW, Adagrad, SGD)}
