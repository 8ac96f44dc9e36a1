"""OutputScale: the units in which a regression is trained, powers of two that a last layer takes back for nothing."""

from dataclasses import dataclass, replace
from typing import NoReturn

import numpy as np

from codesign.errors import PrecisionError
from codesign.network import Network, Node, exact_type
from codesign.network.ops import ConstantTypes, Dense, SegmentSum, Table

_WIDEST = 48
_BIAS_STEP = 2.0**-4  # of a last layer, in the units of the training


@dataclass(frozen=True, eq=False)
class OutputScale:
    """``values = factor * outputs + shift``, a power of two and a multiple of what the last bias is a multiple of.

    Args:
        factor: (n_targets,) powers of two.
        shift: (n_targets,).
    """

    factor: np.ndarray
    shift: np.ndarray

    @classmethod
    def of(cls, targets: np.ndarray) -> "OutputScale":
        """Return the scale that brings targets, (n_events, n_targets), to a spread near 1 around 0."""
        mean, std = targets.mean(0, dtype=np.float64), targets.std(0, dtype=np.float64)
        factor = np.exp2(np.round(np.log2(np.where(std > 0, std, 1.0))))
        step = factor * _BIAS_STEP
        return cls(factor, np.round(mean / step) * step)

    def scaled(self, values: np.ndarray) -> np.ndarray:
        """Return values in the units of the training."""
        return (values - self.shift) / self.factor

    def unscaled(self, outputs: np.ndarray) -> np.ndarray:
        """Return outputs in the units of the values."""
        return outputs * self.factor + self.shift

    def put_into(self, network: Network) -> Network:
        """Return a network that gives values, exactly: factor and shift go into its last layer.

        Raises:
            PrecisionError: for a shift so far from 0, in units of the spread, that no type holds the bias.
        """
        last = network.nodes[-1]
        if network.outputs != (last.name,) or last.output is not None or type(last.op) not in (Dense, SegmentSum):
            raise PrecisionError(
                f"outputs: expected a dense layer or sums, without a type of their own. Received: {last.op.name}"
            )
        if isinstance(last.op, SegmentSum):
            return self._scaled_sums(network)
        return replace(network, nodes=(*network.nodes[:-1], replace(last, op=self._scaled_dense(last.op))))

    def _scaled_dense(self, op: Dense) -> Dense:
        kernel, bias = op.kernel * self.factor, op.bias * self.factor + self.shift
        types = op.types
        if types is not None:
            types = ConstantTypes(*(exact_type(values, widest=_WIDEST) for values in (kernel, bias)))
            if types.weight is None or types.bias is None:
                self._refuse()
        return Dense(kernel, bias, types)

    def _scaled_sums(self, network: Network) -> Network:
        """The tables in front of the sums give values in other units, and the offsets are shifted."""
        *others, last = network.nodes
        offset = last.op.offset * self.factor + self.shift
        if exact_type(offset, widest=_WIDEST) is None:
            self._refuse()
        nodes = [self._scaled_tables(node, last) if node.name in last.inputs else node for node in others]
        return replace(network, nodes=(*nodes, replace(last, op=SegmentSum(last.op.segments, offset))))

    def _scaled_tables(self, node: Node, last: Node) -> Node:
        factors = self.factor[last.op.segments]
        entries = tuple(one * factor for one, factor in zip(node.op.entries, factors, strict=True))
        return replace(node, op=Table(node.op.keys, entries))

    def _refuse(self) -> NoReturn:
        raise PrecisionError(
            f"targets: expected spreads that are not 2^{_WIDEST} times below the mean. Received: a shift of "
            f"{np.abs(self.shift / self.factor).max():g} spreads; subtract the mean"
        )
