"""Points of a space as Optuna's parameters."""

import warnings
from collections.abc import Mapping
from types import ModuleType

from codesign.errors import ToolError
from codesign.extras import install_hint
from codesign.fpga.search.space import IMPLEMENTATION, Point, Space, Value


def parameters(space: Space, point: Point) -> dict[str, Value]:
    """Return Optuna's parameters of a point: what only one implementation chooses bears its name."""
    implementation = dict(point)[IMPLEMENTATION]
    return {_name(space, name, implementation): value for name, value in point}


def from_parameters(space: Space, given: Mapping[str, Value]) -> Point:
    """Return the point of Optuna's parameters.

    Raises:
        KeyError, ValueError: for parameters of another space.
    """
    implementation = given[IMPLEMENTATION]
    values = {}
    for name, listed in space.choices(implementation).items():
        values[name] = given[_name(space, name, implementation)]
        if values[name] not in listed:
            raise ValueError(name)
    return space.point(values)


def distributions(space: Space, implementation: Value) -> dict:
    """Return Optuna's distributions of what an implementation chooses."""
    optuna = require_optuna()
    found = {}
    for name, listed in space.choices(implementation).items():
        is_range = all(isinstance(one, int) for one in listed) and listed == tuple(range(listed[0], listed[-1] + 1))
        kind = optuna.distributions
        given = kind.IntDistribution(listed[0], listed[-1]) if is_range else kind.CategoricalDistribution(listed)
        found[_name(space, name, implementation)] = given
    return found


def require_optuna() -> ModuleType:
    """Return Optuna, which tells no more than warnings.

    Raises:
        ToolError: if it is missing; it says how to install it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import optuna
    except ImportError:
        raise ToolError(
            f"search: expected the package optuna. It is missing: {install_hint('optuna')}, or search with "
            "method='descent' and without storage"
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _name(space: Space, name: str, implementation: Value) -> str:
    return name if name in space.shared else f"{implementation}.{name}"
