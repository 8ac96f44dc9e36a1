"""Normalisation: by means and variances of the training, or of each event."""

from math import prod

import numpy as np

from codesign.read.torch.call import TorchCall, sizes_of
from codesign.read.torch.operators.arithmetic import as_float


def read_batch_norm(call: TorchCall) -> object:
    """Batch normalisation with the means and variances of the training."""
    value = as_float(call.value())
    mean, variance = call.array("running_mean"), call.array("running_var")
    if mean is None or variance is None:
        raise call.refusal("running means and variances", "none; track_running_stats=True has them")
    if call.get("training") is True:
        raise call.refusal("a module in evaluation mode, module.eval(), when it is exported", "training")
    scale, shift = _constants(call, len(mean))
    found = call.onnx("BatchNormalization", value, scale, shift, mean, variance, epsilon=float(call.number("eps")))
    return (found, None, None) if len(call.node.outputs) > 1 else found


def _constants(call: TorchCall, n: int) -> tuple[np.ndarray, np.ndarray]:
    scale, shift = call.array("weight"), call.array("bias")
    return np.ones(n) if scale is None else scale, np.zeros(n) if shift is None else shift


def read_layer_norm(call: TorchCall) -> object:
    """Along the last axes of an event."""
    value, shape = as_float(call.value()), tuple(call.wholes("normalized_shape"))
    scale, shift = (one.reshape(shape) for one in _constants(call, prod(shape)))
    eps = float(call.number("eps", 1e-5))
    found = call.onnx("LayerNormalization", value, scale, shift, axis=-len(shape), epsilon=eps)
    return (found, None, None) if len(call.node.outputs) > 1 else found


def read_rms_norm(call: TorchCall) -> object:
    """Along the last axes of an event, the mean left in."""
    value, shape = as_float(call.value()), tuple(call.wholes("normalized_shape"))
    scale = call.array("weight")
    eps = call.number("eps")
    eps = float(np.finfo(np.float32).eps) if eps is None else float(eps)
    scale = np.ones(shape) if scale is None else scale
    return call.onnx("RMSNormalization", value, scale, axis=-len(shape), epsilon=eps)


def read_group_norm(call: TorchCall) -> object:
    """Of groups of channels."""
    value = as_float(call.value())
    groups = call.whole("num_groups" if "num_groups" in call.values else "group")
    scale, shift = _constants(call, sizes_of(value)[1])
    eps = float(call.number("eps", 1e-5))
    found = call.onnx("GroupNormalization", value, scale, shift, num_groups=groups, epsilon=eps)
    return (found, None, None) if len(call.node.outputs) > 1 else found


def read_instance_norm(call: TorchCall) -> object:
    """Of each channel of an event, or with the means and variances of the training."""
    value = as_float(call.value())
    scale, shift = _constants(call, sizes_of(value)[1])
    eps = float(call.number("eps", 1e-5))
    if call.get("use_input_stats") is False:
        given = call.array("running_mean"), call.array("running_var")
        return call.onnx("BatchNormalization", value, scale, shift, *given, epsilon=eps)
    return call.onnx("InstanceNormalization", value, scale, shift, epsilon=eps)


def read_batch_norm_of_itself(call: TorchCall) -> object:
    """A normalisation by what an event itself holds, as instance normalisation is taken apart."""
    value = as_float(call.value())
    if call.node.overload != "no_stats" or sizes_of(value)[0] != 1:
        raise call.refusal("a module in evaluation mode, module.eval(), when it is exported", "training")
    scale, shift = _constants(call, 1)
    eps = float(call.number("eps"))
    return call.onnx("InstanceNormalization", value, scale, shift, epsilon=eps), None, None


NORMS = {
    "aten._native_batch_norm_legit": read_batch_norm_of_itself,
    "aten.batch_norm": read_batch_norm,
    "aten._native_batch_norm_legit_no_training": read_batch_norm,
    "aten.native_batch_norm": read_batch_norm,
    "aten.layer_norm": read_layer_norm,
    "aten.native_layer_norm": read_layer_norm,
    "aten.rms_norm": read_rms_norm,
    "aten.group_norm": read_group_norm,
    "aten.native_group_norm": read_group_norm,
    "aten.instance_norm": read_instance_norm,
}
