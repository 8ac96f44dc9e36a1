"""OutputScale: the units in which a regression is trained, powers of two that a last layer takes back for nothing."""

from dataclasses import dataclass, replace

import numpy as np

from codesign.errors import PrecisionError
from codesign.network import Network, exact_type
from codesign.network.ops import ConstantTypes, Dense

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
        """Return a network that gives values, exactly: factor and shift go into its last dense layer.

        Raises:
            PrecisionError: for a shift so far from 0, in units of the spread, that no type holds the bias.
        """
        last = network.nodes[-1]
        if not isinstance(last.op, Dense) or network.outputs != (last.name,) or last.output is not None:
            raise PrecisionError(f"outputs: expected a dense layer without a type of its own. Received: {last.op.name}")
        kernel, bias = last.op.kernel * self.factor, last.op.bias * self.factor + self.shift
        types = last.op.types
        if types is not None:
            types = ConstantTypes(*(exact_type(values, widest=_WIDEST) for values in (kernel, bias)))
            if types.weight is None or types.bias is None:
                raise PrecisionError(
                    f"targets: expected spreads that are not 2^{_WIDEST} times below the mean. Received: a shift of "
                    f"{np.abs(self.shift / self.factor).max():g} spreads; subtract the mean"
                )
        return replace(network, nodes=(*network.nodes[:-1], replace(last, op=Dense(kernel, bias, types))))
