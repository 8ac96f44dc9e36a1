"""Along an axis: hls4ml's global pooling, and for a sum, which it lacks, a dense layer of ones."""

import numpy as np

from codesign.fpga.hls4ml.layer_list import LayerList, Value, WrittenNode
from codesign.network import FixedPoint
from codesign.network.ops import Mean
from codesign.network.ops.moves import event_axis


def write_pooling(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    """Add a global pooling over the axis, which goes first."""
    axis = event_axis(node.op.axis, value.shape)
    is_mean, n = isinstance(node.op, Mean), value.shape[axis]
    value, others = layers.move_axis_first(value, axis)
    found = layers.add(
        "GlobalAveragePooling1D" if is_mean else "GlobalMaxPooling1D",
        [value],
        ((others,), node.fixed.output.envelope),
        types={"accum": node.fixed.accum if is_mean else value.type},
        n_in=n,
        n_filt=others,
        data_format="channels_last",
    )
    return layers.reshape(found, node.shape)


def write_sum(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    """Add a Dense of ones along the axis, which goes last."""
    axis = event_axis(node.op.axis, value.shape)
    n = value.shape[axis]
    value, others = layers.move_axis_last(value, axis)
    shape = (n,) if others == 1 else (others, n)
    one, none = FixedPoint(2, 2), FixedPoint(1, 1, signed=False)
    found = layers.add(
        "Dense",
        [layers.reshape(value, shape)],
        ((*shape[:-1], 1), node.fixed.output.envelope),
        types={"weight": one, "bias": none, "accum": node.op.bind(node.inputs, None).output},
        settings={"Strategy": "latency", "ReuseFactor": 1},
        n_in=n,
        n_out=1,
        weight_data=np.ones((n, 1)),
        bias_data=np.zeros(1),
    )
    return layers.reshape(found, node.shape)
