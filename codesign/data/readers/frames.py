"""Data frames of pandas, Polars, PyArrow and whatever else narwhals knows; none of them is imported here."""

import numpy as np

from codesign.data.readers.table import NUMBERS, TEXT, Table, narrowed
from codesign.errors import UnreadableError


def is_frame(source: object) -> bool:
    """Whether an object is a data frame, in memory or not."""
    import narwhals

    if type(source).__module__.partition(".")[0] in ("builtins", "numpy", "pathlib"):
        return False
    try:
        return isinstance(narwhals.from_native(source, pass_through=True), (narwhals.DataFrame, narwhals.LazyFrame))
    except narwhals.exceptions.NarwhalsError:  # one with a name twice, which open_frame says
        return True


def open_frame(source: object, place: str = "the data frame") -> Table:
    """Return the table of a data frame, whose values are copied when they are asked for.

    Raises:
        UnreadableError: for a frame that is not in memory, or has a name twice.
    """
    import narwhals

    try:
        frame = narwhals.from_native(source)
        if isinstance(frame, narwhals.LazyFrame):
            raise UnreadableError("a frame that is not in memory; .collect() or .compute() gives one that is")
        kinds = {name: kind_of(dtype) for name, dtype in frame.schema.items()}
    except narwhals.exceptions.NarwhalsError as error:
        raise UnreadableError(" ".join(str(error).split())) from None
    names = {str(name): name for name in kinds}
    return Table(
        place,
        {str(name): kind for name, kind in kinds.items() if kind in (NUMBERS, TEXT)},
        lambda wanted: {name: values_of(frame.get_column(names[name])) for name in wanted},
        unreadable={str(name): kind for name, kind in kinds.items() if kind not in (NUMBERS, TEXT)},
    )


def kind_of(dtype: object) -> str:
    """Return NUMBERS, TEXT, or what else a column holds."""
    import narwhals as nw

    if dtype.is_numeric() or dtype == nw.Boolean:
        return NUMBERS
    return TEXT if dtype in (nw.String, nw.Categorical, nw.Enum) else f"{dtype}, neither numbers nor text"


def values_of(series: object) -> np.ndarray:
    """Return the values of a column: numbers with NaN for what is missing, text with nothing for it."""
    import narwhals as nw

    if kind_of(series.dtype) == TEXT:
        return np.array(series.cast(nw.String).fill_null("").to_list(), dtype=np.str_)
    if series.dtype == nw.Boolean or series.dtype.is_decimal() or series.null_count():
        series = series.cast(nw.Float64)
    return narrowed(np.array(series.to_numpy(), copy=True))
