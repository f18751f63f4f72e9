"""Begins a run from a model that was exported, when its checkpoint is no longer to be had.

Export folds the norms into the convolutions. Here each norm is made anew from what passes through it, with gain and
shift that give its input back, so that the network computes what the exported one does and can be trained on.
"""

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from model import Conv

# Filters are brought to this length: what a step of the optimizer changes depends on it, the network's answer doesn't.
LENGTH = 2.0


def stored(path):
    """Name -> f32 tensor, of a graph that export.py wrote."""
    tensors = onnx.load(path).graph.initializer
    arrays = {tensor.name.removesuffix("_half"): numpy_helper.to_array(tensor) for tensor in tensors}
    return {name: torch.from_numpy(array.astype(np.float32)) for name, array in arrays.items()}


@torch.no_grad()
def begin(generator, path, pictures, masks):
    """Takes up the weights in `path`; pictures [n, 3, h, w] in [0, 1] and masks [n, 1, h, w] are run to make the norms.

    Raises KeyError if the graph lacks a weight of this generator.
    """
    found = stored(path)
    hooks = []
    for name, module in generator.named_modules():
        if isinstance(module, Conv):
            weight, bias = found[f"{name}.conv.weight"], found[f"{name}.conv.bias"]
            length = weight.flatten(1).norm(dim=1).clamp(min=1e-6) / LENGTH
            module.conv.weight.copy_(weight / length.view(-1, 1, 1, 1))
            hooks.append(module.norm.register_forward_pre_hook(giving_back(length, bias)))
    own = generator.state_dict()
    for key in own:
        if not belongs_to_conv(generator, key) and not key.endswith("num_batches_tracked"):
            own[key].copy_(found[key])
    trained = generator.training
    generator.eval()(pictures, masks)
    generator.train(trained)
    for hook in hooks:
        hook.remove()


def giving_back(length, bias):
    def made(norm, inputs):
        """Runs before the norm does."""
        variance, mean = torch.var_mean(inputs[0].float(), (0, 2, 3), correction=0)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        scale = length.to(mean.device)
        norm.weight.copy_(scale * (variance + norm.eps).sqrt())
        norm.bias.copy_(scale * mean + bias.to(mean.device))

    return made


def belongs_to_conv(generator, key):
    """Whether a weight is of the convolution or the norm in a `Conv`."""
    owner = key.rpartition(".")[0].rpartition(".")[0]
    return isinstance(generator.get_submodule(owner), Conv)
