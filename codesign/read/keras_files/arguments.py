"""Arguments of a layer's call in a file, as each era of Keras writes them."""

from collections.abc import Mapping, Sequence

from codesign.errors import DataError
from codesign.read.keras_files.configuration import is_place
from codesign.read.keras_files.objects import plain
from codesign.read.keras_records import TAKEN

_CONSTANT = "_CONSTANT_VALUE"

Place = tuple[str, int, int]


def arguments_of(call: object) -> tuple[list, dict, list[Place]]:
    """Return arguments and keywords of a call, values of the model as TAKEN, and the places of these in order.

    Args:
        call: of Keras 3 a mapping, else a list of places with keywords behind.

    Raises:
        DataError: for what no Keras writes.
    """
    places: list[Place] = []
    if isinstance(call, Mapping):  # Keras 3
        args = _replaced(call.get("args", []), places)
        return list(args), _keywords(call.get("kwargs") or {}, places), places
    if not isinstance(call, (list, tuple)) or not call:
        raise DataError("expected calls as lists of layers. Received: another value")
    if isinstance(call[0], str):
        keywords = call[3] if len(call) > 3 else {}
        first = plain(call[2]) if call[0] == _CONSTANT else _taken(call, places)
        return [first], _keywords(keywords, places), places
    firsts = [plain(one[2]) if _is_constant(one) else _taken(one, places) for one in call if isinstance(one, list)]
    keywords = next((one[3] for one in call if isinstance(one, list) and len(one) > 3), {})
    argument = firsts[0] if len(firsts) == 1 else tuple(firsts)
    return [argument], _keywords(keywords, places), places


def _is_constant(value: object) -> bool:
    return isinstance(value, list) and len(value) > 2 and value[0] == _CONSTANT


def _taken(value: Sequence, places: list[Place]) -> object:
    if not is_place(value):
        raise DataError("expected places of values as layer, call and tensor. Received: others")
    places.append((value[0], value[1], value[2]))
    return TAKEN


def _keywords(given: object, places: list[Place]) -> dict[str, object]:
    if not isinstance(given, Mapping):
        raise DataError("expected arguments of a call by name. Received: another value")
    return {str(name): _replaced(given[name], places) for name in sorted(given, key=str)}


def _replaced(value: object, places: list[Place]) -> object:
    """The value with TAKEN for what layers give, whose places are noted."""
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            inner = value.get("config")
            return _taken(inner.get("keras_history") if isinstance(inner, Mapping) else (), places)
        if "class_name" in value:
            return plain(value)
        return {str(name): _replaced(value[name], places) for name in sorted(value, key=str)}
    if _is_constant(value):
        return plain(value[2])
    if is_place(value):
        return _taken(value, places)
    if isinstance(value, list):
        return tuple(_replaced(one, places) for one in value)
    return value
