"""The trainings of the table by name, without what they need."""

from collections.abc import Sequence

from codesign.errors import ConfigError, nearest

TITLES = {
    "posterior": "posterior precision",
    "tables": "thresholds and tables, one growth",
    "pruned": "QKeras, {bits} bits, TFMOT pruning",
    "ternary": "TernaryDense, activations of {bits} bits",
    "variational": "VariationalDense, {bits} bits",
    "peer": "HGQ2 0.2.0",
}


def check_methods(methods: Sequence[str] | None, peer: str | None) -> list[str]:
    """Return the methods to train in the table's order: those named, or all, of which the peer needs its interpreter.

    Raises:
        ConfigError: for none, an unknown one, the peer without its interpreter, or the interpreter without the peer.
    """
    if methods is None:
        return [name for name in TITLES if name != "peer" or peer]
    unknown = [name for name in methods if name not in TITLES]
    if unknown or not methods:
        received = f"{unknown[0]}{nearest(unknown[0], TITLES)}" if unknown else "none"
        raise ConfigError(f"methods: expected some of {', '.join(TITLES)}. Received: {received}")
    if "peer" in methods and not peer:
        raise ConfigError("peer: expected the interpreter that the method peer needs. Received: none")
    if peer and "peer" not in methods:
        raise ConfigError(f"peer: expected the method peer among the methods. Received: {', '.join(methods)}")
    return [name for name in TITLES if name in methods]
