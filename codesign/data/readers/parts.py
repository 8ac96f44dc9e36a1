"""Arrays of a file side by side: which are columns of the same events, of which part, and which are names."""

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from codesign.errors import UnreadableError

_PART = re.compile(r"(?:(?<=[^a-z])|^)(train(?:ing)?|test(?:ing)?)(?=[^a-z]|$)|(?<=[_\W])(tr|te)$", re.IGNORECASE)


_FEATURES, _CLASSES = ("features", "columns", "names"), ("classes", "labels", "targets")
LABELS = ("label", "labels", "y", "target", "class")  # columns that are the label where nobody says which is


@dataclass(frozen=True)
class Part:
    """Arrays of the same events.

    Args:
        part: ``train``, ``test``, or empty where all are of one kind.
        columns: key of the array of each column.
        labels: of matrices, the key of the array that names their numbers, if there is one of that length.
    """

    part: str
    columns: dict[str, str]
    labels: dict[str, str]


def parts_of(shapes: Mapping[str, tuple[int, ...]]) -> list[Part]:
    """Return which arrays belong together, by their shapes and names.

    ``x_train, y_train, x_test, y_test``, in whatever spelling, are the columns ``x`` and ``y`` of two parts. Else the
    arrays with the most common number of rows are columns. An array that is as long as a matrix is wide can name its
    numbers; ``features`` and ``classes`` are such names.

    Raises:
        UnreadableError: for arrays of one part with different numbers of rows.
    """
    found: dict[str, dict[str, str]] = {"train": {}, "test": {}}
    for key in shapes:
        match = _PART.search(key)
        if match and shapes[key]:
            part = "train" if match[0].lower().startswith("tr") else "test"
            found[part][_PART.sub("", key).strip("_-/. ") or "x"] = key
    if found["train"] and set(found["train"]) == set(found["test"]):
        return [_part(name, columns, shapes) for name, columns in found.items()]
    return [_part("", _same_length(shapes), shapes)]


def _same_length(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, str]:
    """The arrays of as many rows as the largest matrix has, or else most arrays."""
    matrices = [shape for shape in shapes.values() if len(shape) > 1]
    if matrices:
        length = max(matrices, key=math.prod)[0]
    else:
        length = Counter(shape[0] for shape in shapes.values() if shape).most_common(1)
        length = length[0][0] if length else 0
    return {key: key for key, shape in shapes.items() if shape and shape[0] == length}


def _part(part: str, columns: dict[str, str], shapes: Mapping[str, tuple[int, ...]]) -> Part:
    lengths = {shapes[key][0] for key in columns.values()}
    if len(lengths) > 1:
        listed = ", ".join(f"{key} of {shapes[key][0]:,}" for key in columns.values())
        raise UnreadableError(f"arrays of different numbers of events: {listed}")
    labels = {}
    for name, key in columns.items():
        width = math.prod(shapes[key][1:])
        naming = [other for other, shape in shapes.items() if shape == (width,) and other not in columns.values()]
        wanted = _CLASSES if name in LABELS else _FEATURES
        naming.sort(key=lambda other: other.split("/")[-1] not in wanted)
        if len(shapes[key]) > 1 and naming:
            labels[name] = naming[0]
    if len(shapes.get("classes", ())) == 1 and "classes" not in columns.values():
        labels["classes"] = "classes"
    return Part(part, columns, labels)
