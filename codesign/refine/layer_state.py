"""LayerState: one dense layer of a network that is refined, on all events."""

from dataclasses import dataclass, field

import numpy as np

from codesign.network import Node
from codesign.refine.digit_cost import weight_cost
from codesign.refine.formats import Format


@dataclass(frozen=True, eq=False)
class Reader:
    """A layer that takes what another gives.

    Args:
        index: of the layer that takes.
        places: (n_in, n_out) bool: which of its inputs depend on which units, with no dense layer in between.
    """

    index: int
    places: np.ndarray


@dataclass(eq=False)
class LayerState:
    """One layer.

    Args:
        node: its node.
        kernel, bias: (n_in, n_out), (n_out,) float64.
        format: of its inputs.
        inputs, sums: (n_in, n_places, n_events), (n_out, n_places, n_events) float32, views of the network's values.
        reaches_output: (n_out,) bool: units that reach an output of the network with no dense layer in between.
        readers: the layers that take what it gives.
    """

    node: Node
    kernel: np.ndarray
    bias: np.ndarray
    format: Format
    inputs: np.ndarray
    sums: np.ndarray
    reaches_output: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    readers: list[Reader] = field(default_factory=list)

    @property
    def n_places(self) -> int:
        """How often it is built: once, or at every position of a value of several axes."""
        return self.sums.shape[1]

    @property
    def cost(self) -> float:
        """Estimate of its LUTs: signed digits times width."""
        width = np.resize(self.format.width, len(self.kernel))
        return self.n_places * float(weight_cost(self.kernel, width[:, np.newaxis]).sum())

    def weight_cost(self, value: np.ndarray | float, source: np.ndarray | int) -> np.ndarray:
        """Return the LUTs of a weight of this value."""
        return self.n_places * weight_cost(value, self.format.width[source])

    def rows(self, unit: int) -> np.ndarray:
        """The elements of the layer's node that a unit gives."""
        return unit + len(self.bias) * np.arange(self.n_places)

    def input_rows(self, place: int) -> np.ndarray:
        """The elements of the node before that one of the inputs stands for."""
        return place + len(self.kernel) * np.arange(self.n_places)


def by_place(values: np.ndarray, n: int) -> np.ndarray:
    """(n_places * n, n_events) as (n, n_places, n_events), a view."""
    return values.reshape(-1, n, values.shape[-1]).swapaxes(0, 1)
