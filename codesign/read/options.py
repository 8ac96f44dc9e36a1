"""ReadOptions: what a user says of a model that its file leaves open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from codesign._arguments import checked
from codesign.errors import ConfigError, DataError, nearest

_LARGEST_INPUT = 2**24  # values of an event


@checked
@dataclass(frozen=True)
class ReadOptions:
    """What a file may leave open.

    Args:
        input_shapes: of an event's values, by the name of the input, for sizes that a file leaves open; of a model of
            one input just the shape.

    Raises:
        ConfigError: for sizes that are not whole numbers of at least 1.

    Example:
        >>> from codesign.read import ReadOptions
        >>> ReadOptions(input_shapes={"particles": (16, 3)}).shape_of("particles", (None, 3))
        (16, 3)
    """

    input_shapes: Mapping | Sequence | None = None

    def __post_init__(self) -> None:
        given = self.input_shapes
        shapes = given.values() if isinstance(given, Mapping) else [given] if given is not None else []
        for shape in shapes:
            if not isinstance(shape, Sequence) or any(isinstance(n, bool) or not _is_size(n) for n in shape):
                raise ConfigError(
                    "input_shapes: expected whole numbers of at least 1, such as (16, 3), or these by the names of the "
                    f"inputs. Received: {shape!r:.80}"
                )

    def shape_of(self, name: str, stated: Sequence[int | None], inputs: Sequence[str] = ()) -> tuple[int, ...]:
        """Return the shape of an input, from what the file states and what the user says.

        Args:
            name: of the input.
            stated: the shape in the file, without the events; None where a size is left open.
            inputs: names of all inputs of the model; none: it is the only one.

        Raises:
            DataError: for a size that is still open, sizes that contradict the file, or a model that takes more than
                2 ** 24 values.
            ConfigError: for a name that is none of the inputs.
        """
        names = list(inputs) or [name]
        given = self._given(name, names)
        stated = tuple(stated)
        shape = stated if given is None else given
        fits = len(shape) == len(stated) and all(one is None or one == two for one, two in zip(stated, shape))
        if not fits:
            raise DataError(f"input_shapes: expected {_text(stated)} for the input '{name}'. Received: {_text(shape)}")
        if None in shape:
            example = ", ".join("16" if one is None else str(one) for one in shape)
            said = f"({example},)" if len(shape) == 1 else f"({example})"
            raise DataError(
                f"model: expected inputs of which each size is known. Received: '{name}' of shape {_text(shape)}; say "
                f"it: input_shapes={{'{name}': {said}}}, on the command line --input-shape"
            )
        size = 1
        for one in shape:
            size *= max(int(one), 0)
        if not 0 < size <= _LARGEST_INPUT:
            raise DataError(f"model: expected 1 to 2 ** 24 values of the input '{name}'. Received: {_text(shape)}")
        return tuple(int(one) for one in shape)

    def _given(self, name: str, names: Sequence[str]) -> tuple[int, ...] | None:
        given = self.input_shapes
        if given is None:
            return None
        if isinstance(given, Mapping):
            strange = next((one for one in given if one not in names), None)
            if strange is not None:
                known = ", ".join(names)
                raise ConfigError(
                    f"input_shapes: expected names of inputs: {known}. Received: {strange!r}{nearest(strange, names)}"
                )
            return tuple(given[name]) if name in given else None
        if len(names) > 1:
            raise ConfigError(
                f"input_shapes: expected shapes by name: {', '.join(names)}. Received: one shape of {len(names)} inputs"
            )
        return tuple(given)


def _is_size(value: object) -> bool:
    return hasattr(value, "__index__") and value >= 1


def _text(shape: Sequence[int | None]) -> str:
    inner = ", ".join("?" if one is None else str(one) for one in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"
