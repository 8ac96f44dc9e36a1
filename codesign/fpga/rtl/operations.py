"""The operations of an adder graph, each with the layer that it belongs to: what a layer costs, and when it works."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from da4ml.trace import FixedVariable

_SUMS = ("vadd", "cadd", "min", "max", "vmul")  # those that da4ml does not let begin in one stage and end in the next


@dataclass(frozen=True)
class Operation:
    """One operation that an output depends on.

    Args:
        layer: whose it is, by name; of what several share, the first.
        cost: LUTs, about.
        delay: adder levels from the latest of its operands to its result; 0 if it is only wires or a few gates.
        operands: places of the operations it takes, in the tuple that holds this one; inputs and constants are none.
        is_sum: whether a pipeline keeps it whole within a stage.
    """

    layer: str
    cost: float
    delay: float
    operands: tuple[int, ...]
    is_sum: bool


def gather_operations(
    layers: Mapping[str, Iterable["FixedVariable"]], outputs: Sequence["FixedVariable"]
) -> tuple[Operation, ...]:
    """Return what the outputs depend on, each behind its operands.

    Args:
        layers: the traced values of each layer by its name, in the order of evaluation.
        outputs: of the network.
    """
    owner: dict[object, str] = {}
    for name, values in layers.items():
        for value in _reached(values, owner):
            owner[value.id] = name
    place: dict[object, int] = {}
    found: list[Operation] = []
    for value in _reached(outputs, place):
        begin = max((one.latency for one in value._from if one.opr != "const"), default=0.0)
        operands = tuple(place[one.id] for one in value._from if one.id in place)
        layer, delay = owner[value.id], float(value.latency - begin)
        place[value.id] = len(found)
        found.append(Operation(layer, float(value.cost), delay, operands, value.opr in _SUMS))
    return tuple(found)


def levels_within_stages(operations: Sequence[Operation], levels_per_stage: float | None = None) -> list[float]:
    """Return at which adder level each result is there.

    Args:
        operations: from :func:`gather_operations`.
        levels_per_stage: a sum that would cross a multiple of this waits for it; None: none waits.
    """
    ready: list[float] = []
    for one in operations:
        begin = max((ready[operand] for operand in one.operands), default=0.0)
        end = begin + one.delay
        if levels_per_stage and one.is_sum and ceil(end / levels_per_stage) > ceil(begin / levels_per_stage):
            end = ceil(begin / levels_per_stage) * levels_per_stage + one.delay
        ready.append(end)
    return ready


def _reached(values: Iterable["FixedVariable"], known: Mapping[object, object]) -> Iterator["FixedVariable"]:
    """Yield what values are made of, and they themselves, operands first, but no inputs, constants or known ones.

    A value counts as known when its id is in `known`, which the caller fills while it goes on.
    """
    waiting = [(value, False) for value in reversed(list(values))]
    while waiting:
        value, is_expanded = waiting.pop()
        if value.opr in ("new", "const") or value.id in known:
            continue
        if is_expanded:
            yield value
        else:
            waiting.append((value, True))
            waiting.extend((one, False) for one in value._from)
