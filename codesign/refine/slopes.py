"""Derivatives of the loss by every weight, in reverse order through the graph."""

from collections.abc import Mapping

import numpy as np

from codesign.network import Network, Node
from codesign.refine.layer_state import LayerState, by_place
from codesign.refine.passing import Passing

Pair = list[np.ndarray]  # first and second derivatives by a value, (n, n_events) each


class Slopes:
    """Walks from the outputs to the inputs.

    Args:
        values: of every node and input, (n, n_events).
        layers: of the dense nodes, by name.
        passing: of the others.
    """

    def __init__(
        self, values: Mapping[str, np.ndarray], layers: Mapping[str, LayerState], passing: Mapping[str, Passing]
    ) -> None:
        self._values, self._layers, self._passing = values, layers, passing
        self._slopes: dict[str, Pair] = {}

    def walk(self, network: Network, first: np.ndarray, second: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return the derivatives by each weight, (n_in, n_out), layer by layer; the second ones are approximate.

        Args:
            network: whose nodes are walked.
            first, second: derivatives by the outputs, side by side.
        """
        start = 0
        for name in network.outputs:
            end = start + len(self._values[name])
            self._slopes[name] = [first[start:end].copy(), second[start:end].copy()]
            start = end
        inputs, found = {one.name for one in network.inputs}, {}
        for node in reversed(network.nodes):
            pair = self._slopes.pop(node.name)
            open_inputs = [name not in inputs for name in node.inputs]
            if node.name in self._layers:
                found[node.name] = self._pass_dense(node, *pair, has_slopes=open_inputs[0])
            elif any(open_inputs):
                self._pass_back(node, *pair, open_inputs)
        return [found[name] for name in self._layers]

    def _of(self, name: str) -> Pair:
        """The derivatives by a value so far."""
        if name not in self._slopes:
            self._slopes[name] = [np.zeros(self._values[name].shape, np.float32) for _ in range(2)]
        return self._slopes[name]

    def _pass_dense(
        self, node: Node, first: np.ndarray, second: np.ndarray, *, has_slopes: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        """The derivatives by the weights; those by the inputs are added up, if anything before has weights."""
        layer = self._layers[node.name]
        n_in, n_out = layer.kernel.shape
        inputs = layer.inputs.reshape(n_in, -1)
        first, second = (by_place(one, n_out).reshape(n_out, -1) for one in (first, second))
        if has_slopes:
            kernel = layer.kernel.astype(np.float32)
            for total, back in zip(self._of(node.inputs[0]), (kernel @ first, np.square(kernel) @ second)):
                by_place(total, n_in)[:] += back.reshape(n_in, layer.n_places, -1)
        return inputs @ first.T, np.square(inputs) @ second.T

    def _pass_back(self, node: Node, first: np.ndarray, second: np.ndarray, open_inputs: list[bool]) -> None:
        """Add to the derivatives by what a node takes; types pass them as they are."""
        passing = self._passing[node.name]
        gathered = passing.gather([self._values[name] for name in node.inputs], np.arange(len(first)))
        for name, parts, factor, is_open in zip(node.inputs, passing.parts, passing.factors(gathered), open_inputs):
            for total, own, power in zip(self._of(name) if is_open else (), (first, second), (factor, factor * factor)):
                shares = np.broadcast_to(own[:, np.newaxis] * power, (*parts.shape, own.shape[-1]))
                if parts.shape[1] == 1 and np.array_equal(parts[:, 0], np.arange(len(total))):
                    total += shares[:, 0]
                else:
                    np.add.at(total, parts[parts >= 0], shares[parts >= 0])
