"""Points as Optuna's parameters."""

import warnings
from collections.abc import Mapping
from types import ModuleType

from codesign.errors import ToolError
from codesign.extras import install_hint
from codesign.fpga.search.choices import Choices, Point, Value


def parameters(choices: Choices, point: Point) -> dict[str, Value]:
    """Return Optuna's parameters of a point: what only one branch chooses bears its name."""
    branch = dict(point)[choices.branch]
    return {_name(choices, name, branch): value for name, value in point}


def from_parameters(choices: Choices, given: Mapping[str, Value]) -> Point:
    """Return the point of Optuna's parameters.

    Raises:
        KeyError, ValueError: for parameters of other choices.
    """
    branch = given[choices.branch]
    values = {}
    for name, listed in choices.choices(branch).items():
        values[name] = given[_name(choices, name, branch)]
        if values[name] not in listed:
            raise ValueError(name)
    return choices.point(values)


def distributions(choices: Choices, branch: Value) -> dict:
    """Return Optuna's distributions of what a branch chooses."""
    optuna = require_optuna()
    found = {}
    for name, listed in choices.choices(branch).items():
        is_range = all(isinstance(one, int) for one in listed) and listed == tuple(range(listed[0], listed[-1] + 1))
        kind = optuna.distributions
        given = kind.IntDistribution(listed[0], listed[-1]) if is_range else kind.CategoricalDistribution(listed)
        found[_name(choices, name, branch)] = given
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


def _name(choices: Choices, name: str, branch: Value) -> str:
    return name if name in choices.shared else f"{branch}.{name}"
