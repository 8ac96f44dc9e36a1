"""Values of different sizes side by side: as ONNX broadcasts them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from codesign.read.onnx.flow import BATCH, EVENTS, Flow, said_sizes
from codesign.read.onnx.gather import gathered
from codesign.read.onnx.walk import Call


def aligned_flows(call: Call, flows: Sequence[Flow]) -> list[Flow]:
    """Return flows of one number of axes, whose values broadcast as the flows do.

    The first one has the axes of the result.

    Raises:
        UnsupportedLayerError: where one's events meet another's values.
    """
    rank = max(flow.rank for flow in flows)
    flows = [replace(flow, dims=((),) * (rank - flow.rank) + flow.dims) for flow in flows]
    first = flows[0]
    if all(flow.dims == first.dims and flow.value.shape == first.value.shape for flow in flows):
        return flows
    flows = [call.plain(flow) for flow in flows]
    where = {flow.events_axis for flow in flows}
    parts = {tuple(flow.size(part) for dim in flow.dims if EVENTS in dim for part in dim) for flow in flows}
    if len(where) > 1 or len(parts) > 1:
        raise call.refusal("values of the same events", " and ".join(said_sizes(flow.sizes) for flow in flows))
    return flows


def expanded_to(call: Call, flow: Flow, sizes: Sequence[int]) -> Flow:
    """Return a flow whose axes of size 1 are repeated to meet those of a constant."""
    sizes = tuple(int(size) for size in sizes)
    rank = max(flow.rank, len(sizes))
    flow = replace(flow, dims=((),) * (rank - flow.rank) + flow.dims)
    sizes = (1,) * (rank - len(sizes)) + sizes
    wanted = {
        axis: size for axis, (own, size) in enumerate(zip(flow.sizes, sizes)) if own == 1 and size not in (1, BATCH)
    }
    if not wanted:
        return flow
    flow = call.plain(flow)
    for axis, size in wanted.items():
        flow = gathered(call, flow, axis, np.zeros(size, np.int64))
    return flow
