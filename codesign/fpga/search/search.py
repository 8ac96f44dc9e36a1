"""Search: designs with a precision and a reuse factor for each layer, by one emulation and one estimate each."""

from collections.abc import Sequence
from os import PathLike

import numpy as np

from codesign._arguments import check_range, checked
from codesign.fpga.design.budget import Budget
from codesign.fpga.design.design import Design
from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.toolchain import Toolchain
from codesign.fpga.search.designs import DesignSubject
from codesign.fpga.search.proposals import METHODS
from codesign.fpga.search.run import SearchRun
from codesign.fpga.search.space import Space
from codesign.fpga.sweep.evaluate import Evaluator
from codesign.fpga.sweep.grid import Grid
from codesign.fpga.sweep.sweep import check_calibration
from codesign.jobs import Runner, running
from codesign.metrics import Metric
from codesign.network import Network
from codesign.network.layout import Events

LARGEST_SEARCH = 1_000_000


@checked
def search(
    network: Network,
    x: Events,
    y: np.ndarray,
    grid: Grid,
    *,
    designs: int = 1000,
    budget: Budget | None = None,
    metrics: Sequence[str | Metric] = ("accuracy",),
    weights: np.ndarray | None = None,
    calibration: np.ndarray | None = None,
    constants: CostConstants | None = None,
    toolchain: Toolchain | None = None,
    method: str = METHODS[0],
    seed: int = 0,
    storage: str | PathLike | None = None,
    jobs: int | Runner = -1,
    progress: bool = True,
    label: str = "search",
) -> list[Design]:
    """Look for designs that no other beats, with a precision and a reuse factor of its own for each layer.

    What is made small is the loss of the first metric, the share of the part and the latency, which
    :func:`codesign.pareto_front` compares; limits of a budget come before all three. Nothing is trained or
    synthesised: each design is emulated on the events, and its costs are estimated.

    Args:
        network, x, y, metrics, weights, calibration, constants, toolchain, jobs, progress, label: as of
            :func:`codesign.sweep`.
        grid: what each layer may have: any of its widths, any of its reuse factors, in any of its implementations.
        designs: how many to evaluate; fewer where the grid has no more.
        budget: limits that designs should meet.
        method: ``descent`` (steps on what Gaussian processes foretell, towards what the best of a uniform grid would
            give and beyond), which needs no Optuna; ``tpe`` or ``nsga2`` of Optuna, or ``mixed``: NSGA-II that begins
            with a descent.
        seed: of what is drawn. The same arguments give the same designs, whatever `jobs`.
        storage: a journal of Optuna, which ``optuna-dashboard PATH`` shows: each design is in it as soon as it is
            known, and a search that was interrupted goes on from there, to the same designs. None keeps nothing.

    Returns:
        Designs with metrics and estimated report, in the order in which they were proposed.

    Raises:
        DataError, PrecisionError, ReuseFactorError: as :func:`codesign.sweep`; a storage of something else too.
        ConfigError: for an unknown method, or a number of designs that is not 1 to 1,000,000.
        ToolError: without Optuna, where it is needed.

    Example:
        >>> import numpy as np
        >>> from codesign import DenseLayer, Grid, Network, search
        >>> x = np.random.default_rng(0).normal(size=(500, 2))
        >>> layers = [DenseLayer("fc1", [[0.7, -0.7], [0.3, 0.2]], [0.0, 0.1], "relu"),
        ...           DenseLayer("output", [[0.5, -0.7], [-0.3, 0.2]], [0.0, 0.0])]
        >>> network = Network.chain(layers)
        >>> grid = Grid(weights=(2, 4, 6), activations=(4, 6, 8), implementations=("hls4ml-latency",))
        >>> found = search(network, x, network.predict(x).argmax(1), grid, designs=10, method="descent", jobs=1,
        ...                progress=False)
        >>> len(found), found[0].precision, found[0].accuracy > 0.9
        (10, 'w6 a8', True)
    """
    evaluator = Evaluator.of(network, x, y, metrics=metrics, weights=weights, constants=constants, toolchain=toolchain)
    check_range(designs, "designs", 1, LARGEST_SEARCH)
    ranges = evaluator.x if calibration is None else check_calibration(network, calibration)
    subject = DesignSubject(network, ranges, Space.of(network, grid), evaluator, budget or Budget())
    run = SearchRun(subject, method, seed, designs)
    run.open(storage)
    from codesign.fpga.sweep.progress import SweepProgress  # which takes rich

    with running(jobs) as runner, SweepProgress(shown=progress, unit=subject.unit) as bar:
        task = bar.add_task(label, total=min(designs, subject.choices.count), completed=len(run.found))
        for _ in run.rounds(runner):
            bar.update(task, completed=len(run.found), description=f"{label}, {runner.workers}")
    return list(run.found.values())
