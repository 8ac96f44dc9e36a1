"""The types of `codesign estimate`: one for every value, one for each layer by its name, or widths."""

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from codesign.cli.hardware_options import by_name, widths

if TYPE_CHECKING:
    import numpy as np

    from codesign.fpga.sweep.settings import Typed
    from codesign.network import Network, PrecisionChoice


def stated_types(given: Sequence[str] | None) -> str | Mapping[str, str] | None:
    """One type, or types by the names of layers."""
    from codesign.errors import ConfigError

    if not given or any("=" in word for word in given):
        return by_name(given, "--precision") if given else None
    if len(given) > 1:
        raise ConfigError(f"--precision: expected one type, or one for each layer by its name. Received: {len(given)}")
    return given[0]


def check_types(options: argparse.Namespace) -> None:
    """Check types and widths as they are written, whatever they are of.

    Raises:
        CodesignError: for a type that is none, or more than one of a kind.
    """
    from codesign.fpga import Grid
    from codesign.network import FixedPoint

    types = stated_types(options.precision)
    for one in [types] if isinstance(types, str) else (types or {}).values():
        FixedPoint.parse(one)
    Grid(**_asked_widths(options))


def _asked_widths(options: argparse.Namespace) -> dict[str, int | str]:
    """The widths by what they are of."""
    from codesign.errors import ConfigError

    asked = {name: widths(getattr(options, name)) for name in ("weights", "activations", "inputs")}
    for name, given in asked.items():
        if given is not None and len(given) > 1:
            raise ConfigError(f"--{name}: expected one width. Received: {len(given)}; codesign sweep tries several")
    return {name: given[0] for name, given in asked.items() if given}


def typed_as_asked(options: argparse.Namespace, network: "Network") -> "Typed":
    """Return the network with the types that were asked for."""
    from codesign.fpga.sweep.settings import typed_network
    from codesign.network import PrecisionChoice

    types = stated_types(options.precision)
    if types is not None:
        return typed_network(network, _stated_choice(network, types), _events(options.data))
    one = _asked_widths(options)
    return typed_network(network, PrecisionChoice(**one) if one else None, _events(options.data))


def _stated_choice(network: "Network", types: str | Mapping[str, str]) -> "PrecisionChoice":
    """Types of every value; of layers that are not named, those of the file, or hls4ml's default."""
    from codesign.errors import ConfigError, nearest
    from codesign.fpga.sweep.settings import HLS4ML_DEFAULT, has_types
    from codesign.network import PrecisionChoice
    from codesign.network.precision_choice import INPUTS, TRAINED, constant_names, typed_nodes

    if isinstance(types, str):
        return PrecisionChoice(types, types, types)
    rest = TRAINED if has_types(network) or network.has_trained_types else HLS4ML_DEFAULT
    constants, rounded = constant_names(network), list(typed_nodes(network))
    names = dict.fromkeys((INPUTS, *constants, *rounded))
    for name in types:
        if name not in names:
            known = ", ".join(names)
            raise ConfigError(f"--precision: unknown layer '{name}'{nearest(name, names)}; expected: {known}")
    given = {name: types.get(name, rest) for name in names}
    weights = {name: given[name] for name in constants}
    return PrecisionChoice(weights, {name: given[name] for name in rounded}, given[INPUTS])


def _events(data: str | None) -> "np.ndarray | None":
    from codesign.data import load_events

    return None if data is None else load_events(data).x_train
