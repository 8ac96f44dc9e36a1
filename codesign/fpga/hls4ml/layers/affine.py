"""A factor and an offset: hls4ml's batch normalisation."""

import numpy as np

from codesign.fpga.hls4ml.layer_list import LayerList, Value, WrittenNode


def write_affine(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    """Add a BatchNormalization, of the last axis where the factors are alike everywhere else."""
    op, output = node.op, node.fixed.output.envelope
    data = {"scale": op.types.weight.quantize(op.factor), "bias": op.types.bias.quantize(op.offset)}
    if (data["scale"] == 1).all() and (data["bias"] == 0).all():
        return layers.cast(value, output)  # hls4ml would drop the layer, and its type
    alike = (np.size(one) == 1 or np.shape(one)[-1:] == (np.size(one),) for one in data.values())
    by_last = len(value.shape) > 1 and all(alike)
    shape = value.shape[-1:] if by_last else value.shape
    held = {
        f"{name}_data": np.broadcast_to(one.reshape(-1) if by_last else one, shape).ravel()
        for name, one in data.items()
    }
    n_filt = value.shape[-1] if by_last else -1
    types = {"scale": op.types.weight, "bias": op.types.bias}
    n_in = int(np.prod(value.shape))
    return layers.add(
        "BatchNormalization", [value], (value.shape, output), types=types, n_in=n_in, n_filt=n_filt, **held
    )
