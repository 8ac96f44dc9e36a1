"""Inspection: all that is known of a model's file; nothing of it is run."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from os import PathLike

import numpy as np

from codesign._arguments import checked
from codesign.inspection.back_ends import Verdict, ask_back_ends
from codesign.inspection.drawing import draw_network
from codesign.inspection.node_facts import NodeFacts, gather_facts, share_beyond
from codesign.model_files import identify
from codesign.network import Network
from codesign.read import Reading, ReadOptions, read_file


@dataclass(frozen=True, eq=False)
class Inspection:
    """What was found in a file.

    Args:
        path: of the file.
        description: what it is: ``written by Keras 3 (3.5.0)``.
        reading: the network, the names that the file holds, what else it says of itself, and what was assumed.
        facts: of each input and node, in order.
    """

    path: str
    description: str
    reading: Reading
    facts: tuple[NodeFacts, ...]

    @property
    def network(self) -> Network:
        """What was read, softmax and standardisation included."""
        return self.reading.network

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What each back end says; it is asked when this is first read."""
        return ask_back_ends(self.network)

    @property
    def totals(self) -> dict[str, int | None]:
        """Sums over all nodes: constants, how many are 0 or at the limit of their type, their bits, products."""
        constants = [one for facts in self.facts for one in facts.constants]
        return {
            "constants": sum(one.size for one in constants),
            "zeros": sum(one.zeros for one in constants),
            "at_limit": sum(one.at_limit or 0 for one in constants),
            "bits": _sum_of_known([one.bits for one in constants]),
            "products": sum(one.products for one in self.facts),
            "bit_operations": _sum_of_known([one.bit_operations for one in self.facts if one.products]),
        }

    def as_dict(self) -> dict:
        """Return all of it as JSON has it."""
        nodes = []
        for facts in self.facts:
            constants = [asdict(one) | {"size": one.size} for one in facts.constants]
            nodes.append(asdict(facts) | {"constants": constants})
        return {
            "path": self.path,
            "format": self.description,
            "about": dict(self.reading.about),
            "assumed": list(self.reading.assumed),
            "input_names": list(self.reading.names.inputs),
            "output_names": list(self.reading.names.outputs),
            "nodes": nodes,
            "outputs": list(self.network.outputs),
            "totals": self.totals,
            "back_ends": [asdict(one) for one in self.verdicts],
        }

    def to_svg(self) -> str:
        """Return a drawing of the graph."""
        return draw_network(self.network, self.facts)


@checked
def inspect_file(
    path: str | PathLike, x: np.ndarray | None = None, *, input_shapes: Mapping | Sequence | None = None
) -> Inspection:
    """Read the file of a model and return what is in it.

    Args:
        path: of any file that :func:`codesign.load_network` reads.
        x: (n_events, n_inputs) events, to count the values that lie outside their types; None: nothing is counted.
        input_shapes: of an event's values, by the name of the input, for sizes that the file leaves open.

    Raises:
        DataError, UnsupportedLayerError: for what cannot be read: what it is, and what to do.

    Example:
        >>> from codesign import DenseLayer, Network, inspect_file
        >>> Network.chain([DenseLayer("fc", [[0.5, 0.0], [-0.25, 1.0]], [0.0, 0.0])]).save("tagger.json")
        >>> inspect_file("tagger.json").totals["products"]
        3
    """
    found = identify(path, what="path")
    reading = read_file(path, ReadOptions(input_shapes), what="path")
    beyond = {} if x is None else share_beyond(reading.network, x)
    return Inspection(str(path), found.description, reading, gather_facts(reading.network, beyond))


def _sum_of_known(counts: list[int | None]) -> int | None:
    """The sum, if every count is known and there is one."""
    return sum(counts) if counts and None not in counts else None
