"""Fold what folds exactly: factors and offsets into dense layers beside them, and what does nothing into nothing."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from codesign.network import FixedPoint, Node, exact_type
from codesign.network.ops import Activation, Affine, ConstantTypes, Dense, Op, Quantize

_NEVER_NEGATIVE = ("relu", "sigmoid")


@dataclass
class Folder:
    """Walks over nodes once.

    A factor and an offset behind a dense op are folded into it, others into the dense op that comes next, wherever
    nothing else takes what lies between.

    Args:
        outputs: names of nodes.
        kept: names of inputs; what standardises these stays a node of its own.
    """

    outputs: Sequence[str]
    kept: frozenset[str] = frozenset()
    nodes: dict[str, Node] = field(default_factory=dict)
    users: Counter = field(default_factory=Counter)
    alias: dict[str, str] = field(default_factory=dict)
    made: dict[tuple[int, int], tuple[Op, Op, Op]] = field(default_factory=dict)

    def fold(self, nodes: Sequence[Node]) -> tuple[list[Node], list[str]]:
        """Return nodes and outputs of the same function.

        Args:
            nodes: sorted.
        """
        self.users = Counter(name for node in nodes for name in node.inputs) + Counter(self.outputs)
        for node in nodes:
            node = replace(node, inputs=tuple(self.alias.get(name, name) for name in node.inputs))
            before = self.nodes.get(node.inputs[0]) if len(node.inputs) == 1 else None
            rule = _RULES.get((type(before.op), type(node.op))) if before else None
            if rule is None or not rule(self, before, node):
                self.nodes[node.name] = node
        return list(self.nodes.values()), [self.alias.get(name, name) for name in self.outputs]

    def is_alone(self, before: Node) -> bool:
        """Whether one node takes it, and nothing else."""
        return self.users[before.name] == 1

    def drop(self, before: Node, node: Node) -> bool:
        """Leave a node out: what takes it takes the one before."""
        self.alias[node.name] = before.name
        self.users[before.name] += self.users[node.name] - 1
        return True

    def joined(self, before: Op, op: Op, join: Callable[[Op, Op], Op]) -> Op:
        """One op of two; the same one where the same two meet again, so that shared constants stay shared."""
        return self.made.setdefault((id(before), id(op)), (join(before, op), before, op))[0]


def _dense_then_affine(folder: Folder, before: Node, node: Node) -> bool:
    if not folder.is_alone(before) or not _is_along_the_last_axis(node.op):
        return False
    folder.nodes[before.name] = replace(before, op=folder.joined(before.op, node.op, _behind))
    return folder.drop(before, node)


def _affine_then_affine(folder: Folder, before: Node, node: Node) -> bool:
    if not folder.is_alone(before):
        return False
    folder.nodes[before.name] = replace(before, op=folder.joined(before.op, node.op, _merged))
    return folder.drop(before, node)


def _affine_then_dense(folder: Folder, before: Node, node: Node) -> bool:
    if not folder.is_alone(before) or not _is_along_the_last_axis(before.op) or before.inputs[0] in folder.kept:
        return False
    del folder.nodes[before.name]
    folder.nodes[node.name] = replace(node, op=folder.joined(before.op, node.op, _in_front), inputs=before.inputs)
    return True


def _selection_then_dense(folder: Folder, before: Node, node: Node) -> bool:
    """A dense op that only chooses and scales some of its inputs is rows of the kernel behind."""
    if not folder.is_alone(before) or not _only_chooses(before.op):
        return False
    del folder.nodes[before.name]
    folder.nodes[node.name] = replace(node, op=folder.joined(before.op, node.op, _chosen), inputs=before.inputs)
    return True


def _only_chooses(op: Dense) -> bool:
    taken = op.kernel != 0
    return op.types is None and bool((taken.sum(0) == 1).all() and (taken.sum(1) <= 1).all())


def _relu_of_what_is_never_negative(folder: Folder, before: Node, node: Node) -> bool:
    function = getattr(before.op, "function", None)
    is_never_negative = function in _NEVER_NEGATIVE if function else not np.any(before.op.type.signed)
    if node.op.function != "relu" or node.op.max_value is not None or not is_never_negative:
        return False
    return folder.drop(before, node)


def _quantize_again(folder: Folder, before: Node, node: Node) -> bool:
    """The same again does nothing, and of two truncations that keep one range the coarser is both."""
    first, second = before.op.type, node.op.type
    if first == second:
        return folder.drop(before, node)
    if not folder.is_alone(before) or not _keeps_range(first, second):
        return False
    folder.nodes[before.name] = replace(before, op=node.op)
    return folder.drop(before, node)


def _keeps_range(first: FixedPoint, second: FixedPoint) -> bool:
    modes = {(one.rounding, one.overflow) for one in (first, second)}
    same = [np.array_equal(*np.broadcast_arrays(*pair)) for pair in ((first.integer, second.integer),)]
    same += [np.all(np.asarray(first.signed) == np.asarray(second.signed))]
    return modes == {("TRN", "WRAP")} and all(same) and bool(np.all(second.fraction <= np.asarray(first.fraction)))


_RULES: Mapping[tuple[type, type], Callable[[Folder, Node, Node], bool]] = MappingProxyType(
    {
        (Dense, Affine): _dense_then_affine,
        (Dense, Dense): _selection_then_dense,
        (Affine, Affine): _affine_then_affine,
        (Affine, Dense): _affine_then_dense,
        (Activation, Activation): _relu_of_what_is_never_negative,
        (Quantize, Activation): _relu_of_what_is_never_negative,
        (Quantize, Quantize): _quantize_again,
    }
)


def _is_along_the_last_axis(op: Affine) -> bool:
    return op.factor.ndim <= 1 and op.offset.ndim <= 1


def _behind(dense: Dense, affine: Affine) -> Dense:
    factor, offset = (np.broadcast_to(values, dense.bias.shape) for values in (affine.factor, affine.offset))
    return _with_exact_types(Dense(dense.kernel * factor, dense.bias * factor + offset), dense.types)


def _in_front(affine: Affine, dense: Dense) -> Dense:
    size = dense.kernel.shape[:1]
    factor, offset = (np.broadcast_to(values, size) for values in (affine.factor, affine.offset))
    return _with_exact_types(
        Dense(factor[:, np.newaxis] * dense.kernel, dense.bias + offset @ dense.kernel), dense.types
    )


def _chosen(first: Dense, dense: Dense) -> Dense:
    return _with_exact_types(Dense(first.kernel @ dense.kernel, dense.bias + first.bias @ dense.kernel), dense.types)


def _merged(first: Affine, second: Affine) -> Affine:
    factor, offset = first.factor * second.factor, first.offset * second.factor + second.offset
    return Affine(np.asarray(factor), np.asarray(offset))


def _with_exact_types(op: Dense, given: ConstantTypes | None) -> Dense:
    """Types of constants that were changed: the narrowest that hold them; none if those are wide."""
    if given is None:
        return op
    types = [exact_type(values) for values in (op.kernel, op.bias)]
    return op if None in types else replace(op, types=ConstantTypes(*types))
