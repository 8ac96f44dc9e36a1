"""Names of a package that are loaded when they are first used."""

import importlib
from collections.abc import Callable, Mapping


def lazy_names(package: str, modules: Mapping[str, str]) -> Callable[[str], object]:
    """Return a package's ``__getattr__``, which imports the module of a name.

    Args:
        package: for the message of an unknown name.
        modules: the module of each name.
    """

    def load(name: str) -> object:
        if name in modules:
            return getattr(importlib.import_module(modules[name]), name)
        raise AttributeError(f"module '{package}' has no attribute '{name}'")

    return load
