"""Constants that a program makes: one for all events where torch makes one of each."""

import numpy as np

from codesign.errors import UnreadableError
from codesign.read.onnx.constant_moves import sized
from codesign.read.torch.call import TorchCall, sizes_of

_MOST = 2**24


def filled(call: TorchCall, sizes: object, value: object) -> np.ndarray:
    """Return an array of one number, with the events' axis as long as 1."""
    kind = np.float32 if isinstance(value, float) or call.get("dtype") in (None, 6, 7, 8, 13) else np.int64
    return np.full(sized(call.network(), sizes), value, bool if isinstance(value, bool) else kind)


def read_arange(call: TorchCall) -> np.ndarray:
    """Numbers in steps."""
    start, step = call.number("start", 0), call.number("step", 1)
    found = np.ceil((call.number("end") - start) / step) if step else -1
    if not 0 <= found < _MOST:
        raise UnreadableError(f"expected a range of at most {_MOST:,} numbers")
    return np.asarray(start + np.arange(sized(call.network(), [int(found)])[0]) * step)


def read_like(value: object) -> object:
    """Return what reads a constant of the sizes of another tensor."""
    return lambda call: filled(call, sizes_of(call.value()), call.get("fill_value") if value is None else value)


def read_of_size(value: object) -> object:
    """Return what reads a constant of stated sizes."""
    return lambda call: filled(call, call.wholes("size"), call.get("fill_value") if value is None else value)


MAKERS = {
    "aten.arange": read_arange,
    "aten.zeros": read_of_size(0.0),
    "aten.empty": read_of_size(0.0),  # in the place of what nothing takes
    "aten.ones": read_of_size(1.0),
    "aten.full": read_of_size(None),
    "aten.new_zeros": read_of_size(0.0),
    "aten.new_ones": read_of_size(1.0),
    "aten.new_full": read_of_size(None),
    "aten.zeros_like": read_like(0.0),
    "aten.ones_like": read_like(1.0),
    "aten.full_like": read_like(None),
    "aten.scalar_tensor": lambda call: np.asarray(call.get("s")),
    "aten.tril": lambda call: call.onnx("Trilu", call.value(), np.int64(call.whole("diagonal", 0)), upper=0),
    "aten.triu": lambda call: call.onnx("Trilu", call.value(), np.int64(call.whole("diagonal", 0)), upper=1),
}
