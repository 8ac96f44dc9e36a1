"""The method `tables`: thresholds and six-input tables, grown at a falling price of a LUT, one growth for all sizes."""

import time
from dataclasses import dataclass, replace

import numpy as np

from codesign.fpga import Budget
from codesign.methods.more_events import with_more_events
from codesign.methods.networks import Report
from codesign.methods.task import BINARY, CLASSES, VALUES, Task
from codesign.methods.teaching import Taught
from codesign.methods.trained import Place, Trained
from codesign.network import FixedPoint, Network
from codesign.network.ops import Table
from codesign.tables import grow_tables

METHOD = "tables"
_LARGEST_LUT = 2000.0  # where a budget leaves the LUTs open
_FIRST_LUT, _MUCH = 100.0, 500.0  # of a growth that is over in seconds, beside one beyond the second
_LOSSES = {BINARY: "logistic", CLASSES: "softmax", VALUES: "squared"}
_WIDTH, _BEYOND = 12, 1e-3  # bits of inputs that are no words, and the share of events beyond their range
_SUMS = 12  # of two inputs at most; without them a long growth of jets reaches more (.6704 for .6698), and takes longer
_HELD_OUT = 0.1
_SHARPNESS = 1.4  # on jets .671 of accuracy within 2,150 LUTs instead of .669; 1.8 brings no more
_RATIO = 1.05  # of the sizes of two networks that are kept: nearer ones the events held out cannot tell apart


@dataclass(frozen=True, eq=False)
class TablesTraining:
    """Grows networks of tables of all sizes.

    Args:
        task: with the teacher's probabilities as targets, or labels.
        held: the same of events by which a growth ends, and networks are chosen.
        max_lut: of the largest.
        seed: of everything random.
    """

    task: Task
    held: Task
    max_lut: float
    seed: int
    method = METHOD

    def run(self, place: Place, report: Report) -> Trained:
        """Grow them if the place does not hold them yet."""
        found = place.trained()
        if found is not None:
            return found
        begun, task, held = time.process_time(), self.task, self.held
        growth = grow_tables(
            task.x,
            task.targets,
            input_types(task),
            loss=_LOSSES[task.kind],
            weights=task.weights,
            validation=(held.x, held.targets, held.weights),
            max_lut=self.max_lut,
            sums=_SUMS,
            seed=self.seed,
            report=report,
        )
        history = tuple(
            {"stage": "growth", "epoch": number, "loss": one.loss, "lut": one.lut, "trees": one.trees}
            for number, one in enumerate(growth.front)
        )
        networks = tuple(task.finished(one.network) for one in growth.spread(_RATIO))
        spent = time.process_time() - begun
        return place.keep_trained(Trained(METHOD, None, networks, history, spent))


def growths_of(task: Task, taught: Taught | None, budget: Budget, seed: int, *, decides: bool) -> list[TablesTraining]:
    """Return the growths within a budget: a long one, and before it one that soon has numbers.

    Args:
        task: of all events.
        taught: by whom, who then says what more events are; None: labels are all that is known.
        budget: whose LUTs count.
        seed: of everything random.
        decides: whether it counts which class is likeliest, not how likely: what the teacher says is then sharpened,
            so that tables are spent where classes are near one another.
    """
    rest, held = task.split(_HELD_OUT, seed)
    if taught is not None:
        rest = with_more_events(rest, taught, seed)
    if decides:
        rest, held = (replace(one, targets=sharpened(one.targets, one.kind)) for one in (rest, held))
    largest = _LARGEST_LUT if budget.lut is None else float(max(1, budget.lut))
    sizes = (_FIRST_LUT, largest) if largest > _MUCH else (largest,)
    return [TablesTraining(rest, held, lut, seed + number) for number, lut in enumerate(sizes)]


def sharpened(targets: np.ndarray, kind: str) -> np.ndarray:
    """Return probabilities, (n_events, n_outputs), to a power and scaled to a sum of 1; labels stay as they are."""
    chances = np.hstack([1 - targets, targets]) if kind == BINARY else targets
    powers = chances.astype(np.float64) ** _SHARPNESS
    powers /= powers.sum(1, keepdims=True)
    return (powers[:, 1:] if kind == BINARY else powers).astype(np.float32)


def size_label(network: Network) -> str:
    """Return what tells networks of one growth apart: ``38 tables``."""
    n_tables = sum(len(node.op.keys) for node in network.nodes if isinstance(node.op, Table))
    return f"{n_tables} table" + "s" * (n_tables != 1)


def input_types(task: Task) -> FixedPoint:
    """Return the type of each input: the words' own, or one that holds all but a few events."""
    if task.words is not None:
        return task.words.precision
    reach = np.quantile(np.abs(task.x), 1 - _BEYOND, axis=0)
    integer = np.ceil(np.log2(np.maximum(reach, 1e-6))).astype(np.int64) + 1
    return FixedPoint(np.full(len(integer), _WIDTH), integer, True, "TRN", "SAT")
