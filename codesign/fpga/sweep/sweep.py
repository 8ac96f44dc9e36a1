"""Sweep precisions and hardware settings: P emulations and P x R estimates, not P x R simulations."""

from collections.abc import Sequence
from os import PathLike

import numpy as np

from codesign._arguments import checked
from codesign.errors import DataError
from codesign.fpga.design.design import Design
from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.toolchain import Toolchain
from codesign.fpga.sweep.cache import SweepCache
from codesign.fpga.sweep.evaluate import Evaluator, Layouts
from codesign.fpga.sweep.grid import Grid
from codesign.fpga.sweep.precisions import quantized_networks
from codesign.jobs import Runner, running
from codesign.metrics import Metric
from codesign.network import Network
from codesign.network.layout import Events


@checked
def sweep(
    network: Network,
    x: Events,
    y: np.ndarray,
    grid: Grid,
    *,
    metrics: Sequence[str | Metric] = ("accuracy",),
    weights: np.ndarray | None = None,
    calibration: np.ndarray | None = None,
    constants: CostConstants | None = None,
    toolchain: Toolchain | None = None,
    cache: str | PathLike | None = None,
    jobs: int | Runner = -1,
    progress: bool = True,
    label: str = "sweep",
) -> list[Design]:
    """Emulate each precision once, and estimate each of its hardware settings.

    Args:
        network: in floating point; types it already has are replaced.
        x: (n_events, n_inputs) events to measure on, standardised as in training.
        y: (n_events,) whole-number labels of the first output. The decision is its largest value; of a single value,
            whether it is above 0.5 behind a sigmoid, above 0 otherwise. Of a regression (n_events,) or (n_events,
            n_targets) values.
        grid: what to try.
        metrics: what to measure: names, or what :func:`codesign.metrics.find_metric` makes of them, all of one task.
            Of a classification, the accuracy is measured too.
        weights: (n_events,) how much each event counts; None: all alike.
        calibration: (any number, n_inputs) events to find the ranges of inputs and activations on, such as some
            thousand of the training events; None takes `x`.
        constants: of the estimate, instead of the built-in ones.
        toolchain: of hls4ml's designs: compiler and family of the part; None: Vitis HLS and the family of the part.
        cache: file to which each finished precision is appended; a sweep that was interrupted goes on from there.
        jobs: processes; -1 takes all cores; or a :class:`codesign.Runner`, such as one of a cluster.
        progress: show a bar on standard error.
        label: what the bar is called.

    Returns:
        Designs with metrics and estimated report: all settings of the first precision, then of the next.

    Raises:
        DataError: for events or labels of the wrong shape, NaN, or a cache that cannot be written.
        ReuseFactorError: for a reuse factor that hls4ml cannot build for this network.
        PrecisionError: if weights saturate in a type given as text.
        ConfigError: for an unknown metric, or metrics of different tasks.
        ToolError: if a worker process is killed.

    Example:
        >>> import numpy as np
        >>> from codesign import DenseLayer, Grid, Network, sweep
        >>> x = np.random.default_rng(0).normal(size=(500, 2))
        >>> network = Network.chain([DenseLayer("fc", [[0.7, -0.7], [0.3, 0.2]], [0.0, 0.0])])
        >>> grid = Grid(weights=(3, 6), activations=(4, 8), implementations=("unrolled",), adder_levels_per_stage=(2,))
        >>> designs = sweep(network, x, network.predict(x).argmax(1), grid, progress=False)
        >>> [(design.precision, design.report.lut) for design in designs]
        [('w3 a4', 18), ('w3 a8', 30), ('w6 a4', 26), ('w6 a8', 46)]
    """
    evaluator = Evaluator.of(network, x, y, metrics=metrics, weights=weights, constants=constants, toolchain=toolchain)
    settings = tuple(grid.hardware_settings())
    for setting in settings:
        setting.design(network)  # an impossible setting is an error now, not after minutes
    ranges = evaluator.x if calibration is None else check_calibration(network, calibration)
    store, shared = SweepCache(cache), {"fingerprint": evaluator.fingerprint(settings)}
    from codesign.fpga.sweep.progress import SweepProgress  # which takes rich

    with running(jobs) as runner, SweepProgress(shown=progress) as bar:
        task = bar.add_task(f"{label}, quantising", total=len(list(grid.precision_choices(network))))
        shared |= {"runner": runner, "report": lambda done: bar.update(task, completed=done)}
        quantised = quantized_networks(network, ranges, grid, **shared)
        networks = {one.key: one.network for one in quantised.values()}
        pending = {
            one.key: Layouts(one.network, settings, str(choice))
            for choice, one in quantised.items()
            if store.get(one.key) is None
        }
        bar.reset(task, description=label, total=len(networks), completed=len(networks) - len(pending))
        for key, evaluation in evaluator.evaluate_all(pending, runner, is_kept=cache is not None):
            store.add(key, evaluation)
            bar.update(task, advance=1, description=f"{label}, {runner.workers}")
    return [
        setting.design(networks[one.key], str(choice)).with_metrics(store.get(one.key).metrics).with_report(report)
        for choice, one in quantised.items()
        for setting, report in zip(settings, store.get(one.key).reports)
    ]


def check_calibration(network: Network, calibration: np.ndarray) -> np.ndarray:
    """Return the events to find ranges on.

    Raises:
        DataError: for none, or another shape.
    """
    try:
        events = network.check_events(calibration)
    except DataError as error:
        raise DataError(f"calibration: {error}") from None
    if not len(events):
        raise DataError("calibration: expected at least one event. Received: none")
    return events
