"""Which class a user means: by its name, or by its number."""

from collections.abc import Sequence

from codesign.errors import ConfigError, nearest


def find_class(label: int | str | None, n_classes: int, classes: Sequence[str], argument: str) -> int:
    """Return the number of a class.

    Args:
        label: its number, its name, or its number as text; None: class 1 of two.
        n_classes: how many there are; 0 if that is not known.
        classes: their names, if they are known.
        argument: for messages.

    Raises:
        ConfigError: for an unknown one, and of more than two classes for None.
    """
    names = list(map(str, classes))
    known = ", ".join(names) if names else f"0 to {n_classes - 1}"
    if label is None:
        if n_classes > 2:
            raise ConfigError(f"{argument}: expected one of the classes, {known}, as signal. Received: none")
        return 1
    if str(label) in names:
        return names.index(str(label))
    number = int(label) if str(label).isdecimal() else -1
    if number < 0 and not names:
        raise ConfigError(
            f"{argument}: expected the number of a class, 0 for the first. Received: {label!r:.60}, and no names of "
            "classes to find it in"
        )
    if number < 0 or (n_classes and number >= n_classes):
        raise ConfigError(f"{argument}: expected one of {known}. Received: {label!r:.60}{nearest(label, names)}")
    return number
