"""Does anything but the forward of its class decide what a module gives?"""

from torch import nn
from torch.nn.modules import module as torch_module


def has_hooks(module: nn.Module) -> bool:
    """Of a module or a part of it: hooks, or a forward put in the place of its class's."""
    if torch_module._global_forward_hooks or torch_module._global_forward_pre_hooks:
        return True
    return any(map(is_hooked, module.modules()))


def is_hooked(module: nn.Module) -> bool:
    """The same of a module alone, whatever its parts have."""
    return bool(module._forward_hooks or module._forward_pre_hooks or "forward" in vars(module))
