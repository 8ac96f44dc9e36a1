"""Reading: what was found in a file, whatever wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from codesign.network import Network
from codesign.network.ends import folded, split_softmax
from codesign.read.names import Names


@dataclass(frozen=True, eq=False)
class Reading:
    """A network that was read, and what is known of its file.

    Args:
        network: the complete one: a softmax at an output and what standardises the inputs are nodes; designs cut the
            one off and fold the other.
        names: of the network and its values, as far as the file holds them.
        about: what the file says of itself, by word: ``format``, ``version``, ``producer``, ...
        assumed: a sentence for each thing that the file does not state and that was taken as the sentence says.
        reuse_factors: hls4ml's of each dense layer, by its name, where the file states them.
    """

    network: Network
    names: Names = Names()
    about: Mapping[str, str] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()
    reuse_factors: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "about", MappingProxyType(dict(self.about)))
        object.__setattr__(self, "assumed", tuple(self.assumed))
        object.__setattr__(self, "reuse_factors", MappingProxyType(dict(self.reuse_factors)))

    def design_network(self, *, softmax: bool = False, standardisation: bool = False) -> Network:
        """Return the network of a design, which needs no softmax for its decisions and standardises in its layers.

        Args:
            softmax: keep it.
            standardisation: keep it as a node of its own.
        """
        network = self.network if standardisation else folded(self.network)
        return network if softmax else split_softmax(network)[0]
