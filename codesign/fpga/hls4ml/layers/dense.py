"""A dense op: hls4ml's Dense, and over several positions its pointwise convolution."""

from math import prod

from codesign.fpga.hls4ml.layer_list import LayerList, Value, WrittenNode


def write_dense(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    """Add a Dense; hls4ml makes a convolution with a kernel of 1 of it where there are positions."""
    op, fixed = node.op, node.fixed
    positions, (n_in, n_out) = prod(value.shape[:-1]), op.kernel.shape
    several = len(value.shape) > 1
    if several:
        value = layers.reshape(value, (positions, n_in))
    shape = (positions, n_out) if several else (n_out,)
    found = layers.add(
        "Dense",
        [value],
        (shape, fixed.output.envelope),
        types={"weight": op.types.weight, "bias": op.types.bias, "accum": fixed.accum},
        settings={"ParallelizationFactor": positions} if several else {},
        n_in=n_in,
        n_out=n_out,
        weight_data=op.types.weight.quantize(op.kernel),
        bias_data=op.types.bias.quantize(op.bias),
    )
    return layers.reshape(found, node.shape)
