"""Code: the parts of a generated header that differ between networks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """What stands between the parts of the header that are the same for all networks.

    Args:
        title: of the network: its sizes, or its inputs and outputs.
        live_weights: in straight-line code.
        widest: values that a block of events keeps for each.
        has_roundings: whether anything rounds: a quantizer, or a bit of a value.
        functions: tables and functions.
        block, event: what is done to a block of events, and to one.
        runtime: further parts that are the same for all.
        places: where each input and output lies, if there are several.
    """

    title: str
    live_weights: int
    widest: int
    has_roundings: bool
    functions: str
    block: str
    event: str
    runtime: tuple[str, ...] = ()
    places: str = ""
