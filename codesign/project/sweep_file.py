"""A sweep of a network that was read from a file, on any events."""

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike

import numpy as np

from codesign.data import Dataset
from codesign.errors import DataError
from codesign.fpga import Budget, Design, Grid, search, sweep
from codesign.fpga.estimate.toolchain import Toolchain
from codesign.fpga.sweep.decide import decide, measure, n_scores
from codesign.fpga.sweep.settings import estimate_settings, has_types, typed_network
from codesign.jobs import Runner
from codesign.metrics import Metric, find_metric
from codesign.network import Network

_CALIBRATION_EVENTS = 20_000
_OWN = "no labels: judged by the network's own {}, {}"


@dataclass(frozen=True, eq=False)
class SweptFile:
    """What a sweep found.

    Args:
        network: that was swept.
        designs: with metrics and reports.
        metric: that they are compared by.
        data_kind: of the events.
        notes: one sentence each.
        toolchain: that hls4ml's designs are priced by; None: Vitis HLS and the family of the part.
    """

    network: Network
    designs: tuple[Design, ...]
    metric: str
    data_kind: str
    notes: tuple[str, ...]
    toolchain: Toolchain | None = None


def sweep_file(
    network: Network,
    data: Dataset,
    grid: Grid,
    *,
    designs: int | None = None,
    budget: Budget | None = None,
    cache: str | PathLike | None = None,
    jobs: int | Runner = -1,
    toolchain: Toolchain | None = None,
) -> SweptFile:
    """Sweep a network over a grid on the test events of a data set; what its file states is a design too.

    Args:
        network: with types, as from an hls4ml project, trained types, or none.
        data: labelled as the network's outputs are, or without labels.
        grid: what to try.
        designs: how many to search for, with widths and reuse factors for each layer; None: the whole grid.
        budget: that a search is to meet.
        cache: file to which each finished precision is appended; of a search, its journal.
        jobs: processes; -1 takes all cores; or a :class:`codesign.Runner`.
        toolchain: of hls4ml's designs; None: Vitis HLS and the family of the part.

    Raises:
        DataError: for events or labels of something else.
        CodesignError: as :func:`codesign.fpga.sweep`.
    """
    if data.n_features != network.n_inputs:
        raise DataError(
            f"data: expected the {network.n_inputs} inputs of the network as features. Received: {data.n_features}; "
            "name them with --features"
        )
    outputs = network.emulate(data.x_test) if has_types(network) else None
    y, metric, notes = _judged_by(network, data, outputs)
    own: Sequence[Design] = ()
    if outputs is not None:
        found = estimate_settings(typed_network(network), grid, toolchain)
        measured = measure(network, outputs, y, (metric,))
        own, notes = [design.with_metrics(measured) for design in found.designs], (*notes, *found.refused)
        grid = grid.with_bits()
    given, shared = (network, data.x_test, y, grid), {"metrics": (metric,), "jobs": jobs, "toolchain": toolchain}
    shared["calibration"] = data.x_train[:_CALIBRATION_EVENTS]
    if designs is None:
        swept = sweep(*given, **shared, cache=cache)
    else:
        swept = search(*given, **shared, storage=cache, designs=designs, budget=budget)
    return SweptFile(network, (*own, *swept), metric.name, data.kind, notes, toolchain)


def _judged_by(
    network: Network, data: Dataset, emulated: np.ndarray | None
) -> tuple[np.ndarray, Metric, tuple[str, ...]]:
    """What the test events are judged by: labels or values of the data, or what the network says itself."""
    if data.targets:
        return data.y_test, find_metric("rmse"), ()
    if len(data.classes) > 1:
        return data.y_test, find_metric("accuracy"), ()
    outputs = network.predict(data.x_test) if emulated is None else emulated
    arithmetic = "in floating point" if emulated is None else "at its own types"
    if n_scores(network) > 1:
        return decide(network, outputs), find_metric("accuracy"), (_OWN.format("decisions", arithmetic),)
    return outputs[:, : n_scores(network)], find_metric("rmse"), (_OWN.format("outputs", arithmetic),)
