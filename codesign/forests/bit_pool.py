"""The bits of a network of tables while it is made: comparisons and functions of bits, each once."""

from collections.abc import Sequence

import numpy as np

from codesign.forests.balance import Question
from codesign.forests.coded import InputCodes, Key
from codesign.forests.multiplexers import LUT_INPUTS
from codesign.network import Node
from codesign.network.ops import Concatenate, Table, Threshold

# Its level, 0 for a comparison, and its number there.
Place = tuple[int, int]


class BitPool:
    """Comparisons of the inputs' codes, and levels of tables of one bit behind them.

    Args:
        codes: of the inputs.
    """

    def __init__(self, codes: InputCodes) -> None:
        self._codes = codes
        self._thresholds: dict[tuple[int, int], Place] = {}
        self._levels: list[dict[tuple, Place]] = []

    def key(self, key: Key | Question) -> Place:
        """Return the bit of a question: of several codes the parity of their comparisons, of a way all its answers."""
        if key[0] == "way":
            return self._all([(self.key(asked), bit) for asked, bit in key[1]])
        feature, codes = key
        found = [self._thresholds.setdefault((feature, code), (0, len(self._thresholds))) for code in codes]
        while len(found) > 1:
            few, found = found[:LUT_INPUTS], found[LUT_INPUTS:]
            found.append(self.function(few, [bin(pattern).count("1") % 2 for pattern in range(2 ** len(few))]))
        return found[0]

    def _all(self, answers: list[tuple[Place, int]]) -> Place:
        """Return whether bits are all as they should be."""
        while len(answers) > 1:
            few, answers = answers[:LUT_INPUTS], answers[LUT_INPUTS:]
            wanted = sum(bit << place for place, (_, bit) in enumerate(few))
            entries = [int(pattern == wanted) for pattern in range(2 ** len(few))]
            answers = [(self.function([place for place, _ in few], entries), 1), *answers]
        return answers[0][0]

    def function(self, inputs: Sequence[Place], entries: Sequence[int]) -> Place:
        """Return the bit of a function of bits."""
        level = max(place[0] for place in inputs)
        while len(self._levels) <= level:
            self._levels.append({})
        functions = self._levels[level]
        return functions.setdefault((tuple(inputs), tuple(entries)), (level + 1, len(functions)))

    @property
    def n_keys(self) -> int:
        """Comparisons."""
        return len(self._thresholds)

    def nodes(self, source: str) -> tuple[list[Node], str, list[int]]:
        """Return the nodes that give all bits, the name of the last, and where the bits of each level begin in it.

        Args:
            source: name of the input.
        """
        features, codes = np.array(list(self._thresholds)).T
        values = np.ldexp(codes.astype(np.float64), -self._codes.fraction[features])
        nodes, before, starts = [Node("comparisons", Threshold(features, values), (source,))], "comparisons", [0]
        size = len(features)
        for level, functions in enumerate(self._levels, 1):
            starts.append(size)
            keys = [[starts[at] + number for at, number in inputs] for inputs, _ in functions]
            table = Table(keys, [np.array(entries, np.float64) for _, entries in functions])
            nodes.append(Node(f"paths_{level}", table, (before,)))
            nodes.append(Node(f"bits_{level}", Concatenate(), (before, f"paths_{level}")))
            before, size = f"bits_{level}", size + len(functions)
        return nodes, before, starts
