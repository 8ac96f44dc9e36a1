"""Network: the neutral, immutable model in the middle of the toolkit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Self

import numpy as np

from codesign._arguments import checked
from codesign.errors import UnsupportedLayerError
from codesign.network import dense_view
from codesign.network.dense_view import FixedLayer, LayerNodes
from codesign.network.graph import Graph
from codesign.network.layer import DenseLayer
from codesign.network.ops import Quantize
from codesign.network.types.fixed_point import FixedPoint

if TYPE_CHECKING:
    from codesign._keras import keras


@checked
@dataclass(frozen=True, eq=False)
class Network(Graph):
    """A directed acyclic graph of operations, with the fixed-point type of each value.

    Wherever a network takes events, `x` is (n_events, n_inputs): the inputs side by side, each flattened; an array of
    the one input's own shape, or a list or mapping of several, is taken too. Outputs lie side by side alike.

    Args:
        nodes: in any order; they are sorted.
        inputs: at least one.
        outputs: names of nodes, in the order in which they lie side by side.

    Raises:
        UnsupportedLayerError: for a cycle, a node that is missing or that nothing takes, names that repeat, or shapes
            that do not fit: it names the nodes.

    Example:
        >>> from codesign.network import Input, Network, Node
        >>> from codesign.network.ops import Add, Dense
        >>> double = Dense([[2.0, 0.0], [0.0, 2.0]], [0.0, 0.0])
        >>> nodes = [Node("twice", double, ["x"]), Node("thrice", Add(), ["x", "twice"])]
        >>> Network(nodes, [Input("x", (2,))], ["thrice"]).predict([[1.0, 2.0]]).tolist()
        [[3.0, 6.0]]
    """

    @classmethod
    def chain(
        cls,
        layers: Sequence[DenseLayer],
        input_precision: FixedPoint | None = None,
        input_quantizer: FixedPoint | None = None,
    ) -> Self:
        """Return a network of dense layers, each taking what the one before gives.

        Args:
            layers: at least one.
            input_precision: type of the inputs, or None for a network known in floating point only.
            input_quantizer: the rounding and saturation of the inputs that the network was trained with; None: none.

        Raises:
            UnsupportedLayerError: for layers that do not fit together, or names that repeat.
        """
        layers = tuple(layers)
        if not layers:
            raise UnsupportedLayerError("layers: expected at least one dense layer. Received: none")
        names = [layer.name for layer in layers]
        if len(set(names)) < len(names):
            raise UnsupportedLayerError(f"layers: expected unique names. Received: {names}")
        for before, after in zip(layers, layers[1:]):
            if before.n_out != after.n_in:
                raise UnsupportedLayerError(
                    f"layer '{after.name}': expected {before.n_out} inputs. Received: {after.n_in}"
                )
        return cls(*dense_view.chain_nodes(layers, input_precision, input_quantizer))

    @classmethod
    def from_keras(cls, model: "keras.Model | str | PathLike", x: np.ndarray | None = None, **options: bool) -> Self:
        """Read a Keras or QKeras model, a Drone, a ShrunkModel, or any file of a model.

        Args:
            model: Sequential or functional, models inside it, several inputs and outputs; or a path.
            x: events of the user's to compare on too.
            options: ``softmax=True`` keeps a softmax at an output, ``standardisation=True`` what standardises the
                inputs, as nodes; see :func:`codesign.read.keras_reader.read_keras`.
        """
        from codesign.read.keras_reader import read_keras

        return read_keras(model, x, **options)

    @classmethod
    def load(cls, path: str | PathLike, *, input_shapes: Mapping | Sequence | None = None) -> Self:
        """Read a network that :meth:`save` wrote, or what any other file of a model holds, told apart by content.

        The complete one: a softmax at an output and what standardises the inputs are nodes.

        Args:
            path: see :func:`codesign.load_network`.
            input_shapes: of an event's values, by the name of the input, for sizes that a file leaves open.
        """
        from codesign.read.files import ReadOptions, read_file

        return read_file(path, ReadOptions(input_shapes), what="path").network

    def save(self, path: str | PathLike) -> None:
        """Write the network to one JSON file, exactly."""
        from codesign.network.storage import save_network

        save_network(self, path)

    def to_keras(self) -> "keras.Model":
        """Return a Keras model of the same function, the quantizers of the training included; no types of a design."""
        from codesign.read.keras_writer import write_keras

        return write_keras(self)

    def __repr__(self) -> str:
        from codesign.network.summary import one_line

        return one_line(self)

    def summary(self, print_fn: Callable[[str], object] = print) -> None:
        """Print a table of the layers, as Keras's ``model.summary()`` does: sizes, weights that are not 0, types.

        Args:
            print_fn: called with the text.
        """
        from codesign.network.summary import summary_table

        print_fn(summary_table(self))

    @cached_property
    def groups(self) -> tuple[LayerNodes, ...]:
        """The nodes of each of the :attr:`layers`."""
        return dense_view.layer_nodes(self.nodes, self.outputs)

    @cached_property
    def layers(self) -> tuple[DenseLayer, ...]:
        """Each dense op with the activation and the quantizer directly behind it; in a chain, these are all."""
        return tuple(group.as_layer() for group in self.groups)

    @cached_property
    def is_chain(self) -> bool:
        """Whether the network is dense layers in a row."""
        return self.input_layout.is_vector and dense_view.is_chain(
            self.nodes, self.groups, self.input_quantizer is not None
        )

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, hidden units, outputs of a chain: for example (16, 64, 32, 32, 5).

        Raises:
            UnsupportedLayerError: for a graph, which has none.
        """
        if not self.is_chain:
            raise UnsupportedLayerError(
                f"sizes: expected dense layers in a row. Received: a graph of {len(self.nodes)} nodes; see its nodes "
                "and shapes"
            )
        return (self.layers[0].n_in, *(layer.n_out for layer in self.layers))

    @property
    def n_weights(self) -> int:
        """Kernel entries that are not zero: the multiply-accumulates that count."""
        return int(sum(np.count_nonzero(layer.kernel) for layer in self.layers))

    @property
    def input_quantizer(self) -> FixedPoint | None:
        """The rounding that one input was trained with, if all take it rounded; None: none, or several inputs."""
        users = [node for node in self.nodes if self.inputs[0].name in node.inputs]
        is_rounded = len(self.inputs) == len(users) == 1 and isinstance(users[0].op, Quantize)
        return users[0].op.type if is_rounded else None

    @cached_property
    def fixed_layers(self) -> tuple[FixedLayer, ...]:
        """The :attr:`layers` in integers.

        Raises:
            PrecisionError: as :attr:`fixed_ops`.
        """
        return dense_view.fixed_layers(self.groups, self.layers, self.fixed_ops)

    def with_layers(self, layers: Sequence[DenseLayer]) -> "Network":
        """Return this chain with other layers.

        Raises:
            UnsupportedLayerError: for a graph: :meth:`with_ops` is there for it.
        """
        _ = self.sizes
        return Network.chain(layers, self.input_precision, self.input_quantizer)
