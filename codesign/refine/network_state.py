"""NetworkState: every event's value at every place of a network, and what a change somewhere does to the loss."""

from collections.abc import Mapping
from math import prod

import numpy as np

from codesign.network import FixedPoint, Network, Node
from codesign.network.ops import Dense
from codesign.refine.checks import check_network
from codesign.refine.formats import Format, formats_of, n_places
from codesign.refine.layer_state import LayerState, Reader, by_place
from codesign.refine.losses import Loss
from codesign.refine.passing import passing_of
from codesign.refine.refined import refined
from codesign.refine.slopes import Slopes
from codesign.refine.trial import Changes, Trial, shifted


class NetworkState:
    """A network on events.

    Args:
        network: dense layers with types and exact sums, and ops of :mod:`codesign.refine.passing`; it is left as it is.
        x: (n_events, n_inputs).
        loss: of its outputs on them, side by side.
        sent: type of its inputs as they come; None: that which they have.

    Raises:
        PrecisionError: for a network without types, rounded sums, or weights finer than 2^-9.
        UnsupportedLayerError: for other ops; it names the node.
    """

    def __init__(self, network: Network, x: np.ndarray, loss: Loss, sent: FixedPoint | None = None) -> None:
        check_network(network)
        self._network, self._loss_of, self._shapes = network, loss, network.shapes
        self._formats = formats_of(network, sent)
        self._passing = {
            node.name: passing_of(node, [self._shapes[name] for name in node.inputs], self._shapes[node.name])
            for node in network.nodes
            if not isinstance(node.op, Dense)
        }
        split = network.input_layout.split(x)
        self._raw = {name: np.ascontiguousarray(one.reshape(len(x), -1).T) for name, one in split.items()}
        self._values = {name: self._cast(name, one, np.arange(len(one))) for name, one in self._raw.items()}
        self.layers: list[LayerState] = []
        self._index: dict[str, int] = {}
        for node in network.nodes:
            self._evaluate(node)
        for layer in self.layers:
            self._find_readers(layer)
        self.loss = loss.value(self._outputs())

    @property
    def cost(self) -> float:
        """Estimate of the LUTs: signed digits times width."""
        return float(sum(layer.cost for layer in self.layers))

    def try_sums(self, index: int, unit: int, sums: np.ndarray) -> Trial:
        """Let one unit's sums be (n_places, n_events) instead."""
        layer = self.layers[index]
        return self._follow({layer.node.name: (layer.rows(unit), sums.reshape(layer.n_places, -1))}, {})

    def try_format(self, index: int, place: int, shift: float = 0.0) -> Trial:
        """Let one input of a layer be in the format that the layer says now, and the unit before it shifted."""
        layer = self.layers[index]
        changes, feeder = {}, self.feeder(index, place)
        if shift and feeder is not None:
            before, unit = self.layers[feeder[0]], feeder[1]
            changes[before.node.name] = before.rows(unit), before.sums[unit] + np.float32(shift)
        return self._follow(changes, {layer.format.name: layer.input_rows(place)})

    def input_change(self, index: int, place: int) -> float:
        """Return by how much one input of the network is larger on average in the format that its layer says now."""
        name, rows = self.layers[index].format.name, self.layers[index].input_rows(place)
        return float(np.mean(self._recast(name, rows) - self._values[name][rows]))

    def try_input(self, index: int, place: int, shift: np.ndarray) -> Trial:
        """Let one input of the network be in the format that its layer says now, and the layer's units shifted."""
        layer = self.layers[index]
        return self._follow({}, {layer.format.name: layer.input_rows(place)}, {layer.node.name: shift})

    def feeder(self, index: int, place: int) -> tuple[int, int] | None:
        """Return the layer and the unit that one input of a layer depends on, if there is one only."""
        found = [
            (number, int(unit))
            for number, layer in enumerate(self.layers)
            for reader in layer.readers
            if reader.index == index
            for unit in np.flatnonzero(reader.places[place])
        ]
        return found[0] if len(found) == 1 else None

    def accept(self, trial: Trial) -> None:
        """Make a trial the state; kernel, bias and format are the caller's to change."""
        for name, (rows, values) in trial.changes.items():
            self._values[name][rows] = values
        self.loss = trial.loss

    def slopes(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return, by layer, the first and second derivatives of the loss by each weight, (n_in, n_out).

        The second ones are approximate.
        """
        passed = {node.name: self._passing.get(node.name) for node in self._network.nodes}
        slopes = Slopes(self._values, dict(zip(self._index, self.layers)), passed)
        return slopes.walk(self._network, *self._loss_of.slopes(self._outputs()))

    def network(self) -> Network:
        """Return the network as it is now."""
        return refined(self._network, self.layers, self._formats)

    def _cast(self, name: str, values: np.ndarray, elements: np.ndarray) -> np.ndarray:
        """Some elements of a value as the types of the network leave them."""
        form = self._formats.get(name)
        return (
            values.astype(np.float32, copy=False)
            if form is None or form.name != name
            else form.quantise(values, elements)
        )

    def _evaluate(self, node: Node) -> None:
        """Work out a node on all events."""
        taken = [self._values[name] for name in node.inputs]
        if not isinstance(node.op, Dense):
            rows = np.arange(prod(self._shapes[node.name]))
            passing = self._passing[node.name]
            self._values[node.name] = self._cast(node.name, passing.combine(passing.gather(taken, rows)), rows)
            return
        kernel, bias, shape = node.op.kernel.copy(), node.op.bias.copy(), self._shapes[node.inputs[0]]
        places = taken[0].reshape(n_places(shape), len(kernel), -1)
        sums = np.matmul(kernel.T.astype(np.float32), places) + bias[:, np.newaxis].astype(np.float32)
        self._values[node.name] = sums = sums.reshape(-1, sums.shape[-1])
        form = self._formats.get(node.inputs[0])
        if form is None:
            form = Format.of_type(self._network.fixed_ops[node.name].input.type, shape)
        views = by_place(taken[0], len(kernel)), by_place(sums, len(bias))
        self._index[node.name] = len(self.layers)
        self.layers.append(LayerState(node, kernel, bias, form, *views))

    def _find_readers(self, layer: LayerState) -> None:
        """Follow which elements of the network depend on each unit, up to the next dense layers."""
        n, name = len(layer.bias), layer.node.name
        reached = {name: np.tile(np.eye(n, dtype=bool), (layer.n_places, 1))}
        for node in self._network.nodes:
            for index, taken in enumerate(node.inputs):
                if taken not in reached or node.name == name:
                    continue
                if isinstance(node.op, Dense):
                    places = reached[taken].reshape(-1, len(node.op.kernel), n).any(0)
                    layer.readers.append(Reader(self._index[node.name], places))
                    continue
                parts = self._passing[node.name].parts[index]
                found = (reached[taken][parts] & (parts >= 0)[..., np.newaxis]).any(1)
                reached[node.name] = reached.get(node.name, False) | found
        outputs = [reached[name].any(0) for name in self._network.outputs if name in reached]
        layer.reaches_output = np.any(outputs, 0) if outputs else np.zeros(n, bool)

    def _recast(self, name: str, rows: np.ndarray) -> np.ndarray:
        """Some elements of a value that is an input, or moved from one, cast anew."""
        if name in self._raw:
            return self._cast(name, self._raw[name][rows], rows)
        node = next(node for node in self._network.nodes if node.name == name)
        passing, taken = self._passing[name], [self._values[one] for one in node.inputs]
        return self._cast(name, passing.combine(passing.gather(taken, rows)), rows)

    def _follow(
        self, changes: Changes, forced: Mapping[str, np.ndarray], shifts: Mapping[str, np.ndarray] | None = None
    ) -> Trial:
        """Follow all that depends on some changes.

        Args:
            changes: values that are others.
            forced: elements that are cast anew, by the name of the node or input.
            shifts: (n_out,) what is added to the sums of a dense node.
        """
        found = {name: (rows, self._recast(name, rows)) for name, rows in forced.items() if name in self._raw}
        for node in self._network.nodes:
            if node.name in changes:
                found[node.name] = changes[node.name]
            elif node.name in forced or any(name in found for name in node.inputs):
                follow = self._follow_sums if isinstance(node.op, Dense) else self._follow_passing
                change = follow(node, found, forced.get(node.name))
                if shifts and node.name in shifts:
                    change = shifted(self._values[node.name], change, shifts[node.name])
                if change is not None:
                    found[node.name] = change
        return Trial(self._loss_with(found), found)

    def _follow_sums(self, node: Node, found: Changes, forced: None) -> tuple[np.ndarray, np.ndarray] | None:
        """The sums that change, and what they become."""
        (rows, values), layer = found[node.inputs[0]], self.layers[self._index[node.name]]
        change, n_in, n_out = values - self._values[node.inputs[0]][rows], len(layer.kernel), len(layer.bias)
        moved = change.any(1)
        rows, change = rows[moved], change[moved]
        units, sums = [], []
        for place in np.unique(rows // n_in):
            here = rows // n_in == place
            kernel = layer.kernel[rows[here] % n_in]
            own = np.flatnonzero(kernel.any(0))
            units.append(place * n_out + own)
            sums.append(layer.sums[own, place] + kernel[:, own].T.astype(np.float32) @ change[here])
        return (np.concatenate(units), np.concatenate(sums)) if sum(map(len, units)) else None

    def _follow_passing(
        self, node: Node, found: Changes, forced: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """The elements that change, and what they become."""
        passing, taken = self._passing[node.name], [self._values[name] for name in node.inputs]
        changed = {index: found[name] for index, name in enumerate(node.inputs) if name in found}
        rows = [passing.rows(index, rows) for index, (rows, _) in changed.items()]
        rows = np.unique(np.concatenate([*rows, *([] if forced is None else [forced])]))
        if not len(rows):
            return None
        return rows, self._cast(node.name, passing.combine(passing.gather(taken, rows, changed)), rows)

    def _outputs(self) -> np.ndarray:
        """(n_outputs, n_events), the outputs side by side."""
        values = [self._values[name] for name in self._network.outputs]
        return values[0] if len(values) == 1 else np.concatenate(values)

    def _loss_with(self, changes: Changes) -> float:
        if not any(name in changes for name in self._network.outputs):
            return self.loss
        outputs, start = self._outputs().copy(), 0
        for name in self._network.outputs:
            if name in changes:
                rows, values = changes[name]
                outputs[start + rows] = values
            start += len(self._values[name])
        return self._loss_of.value(outputs)
