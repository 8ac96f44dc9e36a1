"""Where the LUTs go layer by layer, and when each layer works, as data."""

import numpy as np

from codesign._arguments import checked
from codesign.fpga import Design
from codesign.fpga.estimate.by_layer import LayerEstimate, estimate_layers
from codesign.fpga.estimate.toolchain import Toolchain
from codesign.fpga.rtl.circuits import Circuit
from codesign.network import Network


@checked
def schedule_blocks(design: Design, *, graph: Circuit | None = None, toolchain: Toolchain | None = None) -> dict:
    """Return the blocks ``layers`` and ``stages`` of report.json for a design.

    Args:
        design: its network needs every type.
        graph: the adder graph of an unrolled design, if there is one already.
        toolchain: of an hls4ml design; None: Vitis HLS and the family of its part.

    Raises:
        PrecisionError, ToolError: as :func:`codesign.fpga.estimate`.
    """
    found = estimate_layers(design, graph=graph, toolchain=toolchain)
    return {
        "layers": [_layer(one, design.network) for one in found],
        "stages": [
            {
                "name": one.name,
                "start_cycle": round(one.start_cycle, 3),
                "end_cycle": round(one.end_cycle, 3),
                "source": "estimate",
            }
            for one in found
        ],
    }


def _layer(one: LayerEstimate, network: Network) -> dict:
    row = {"name": one.name, **_kind(one.name, network), "lut": round(one.lut), "dsp": one.dsp}
    row |= {"bram_18k": one.bram_18k, "source": "estimate"}
    return row if one.adder_cost is None else {**row, "adder_cost": round(one.adder_cost, 1)}


def _kind(name: str, network: Network) -> dict:
    """What the layer is: of a dense one, how many weights are not 0, and all their bits."""
    for group, layer in zip(network.groups, network.layers):
        if group.dense.name == name:
            kernel, precision = layer.kernel, layer.precision
            kind = {"op": "Dense", "shape": f"{layer.n_in} -> {layer.n_out}", "weights": int(kernel.size)}
            kind["nonzero"] = int(np.count_nonzero(kernel))
            if precision is not None:
                kind["bits"] = int(np.broadcast_to(precision.weight.width, kernel.shape)[kernel != 0].sum())
            return kind
    node = next(node for node in network.nodes if node.name == name)
    taken = ", ".join("x".join(map(str, network.shapes[source])) for source in node.inputs)
    return {"op": node.op.name, "shape": f"{taken} -> {'x'.join(map(str, network.shapes[name]))}"}
