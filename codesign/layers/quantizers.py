"""QKeras quantizers as arguments of layers: given by text or object, kept in a form that every file format reloads."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from codesign.errors import ConfigError
from codesign.model_files import QUANTIZERS, check_quantizer_text


def read_quantizer(quantizer: object, name: str) -> Callable | None:
    """Return the QKeras quantizer.

    Args:
        quantizer: text such as ``quantized_bits(6,0,alpha=1)``, a QKeras quantizer, what :func:`pack_quantizer`
            returned, or None.
        name: of the argument, for messages.

    Raises:
        ConfigError: for anything else.
    """
    if quantizer is None:
        return None
    import qkeras

    if isinstance(quantizer, str):
        check_quantizer_text(quantizer, name)
    if isinstance(quantizer, dict) and quantizer.get("class_name") not in QUANTIZERS:
        raise ConfigError(f"{name}: expected a QKeras quantizer. Received: {quantizer.get('class_name')}")
    try:
        read = qkeras.get_quantizer(quantizer)
    except Exception as error:  # QKeras calls what the text names, and whatever that raises comes through
        raise ConfigError(f"{name}: expected a QKeras quantizer or its text. Received: {quantizer} ({error})") from None
    if not callable(read):
        raise ConfigError(
            f"{name}: expected a QKeras quantizer such as quantized_bits(6,0,alpha=1). Received: {quantizer}"
        )
    return read


def pack_quantizer(quantizer: Callable | None) -> dict | None:
    """Return the quantizer as plain numbers and text: its class and every argument."""
    if quantizer is None:
        return None
    config = {key: value.item() if hasattr(value, "item") else value for key, value in quantizer.get_config().items()}
    return {"class_name": type(quantizer).__name__, "config": config}


@contextmanager
def without_qkeras_warnings() -> Iterator[None]:
    """Keep Keras quiet about QKeras: quantizers as constraints serialise well, initial values are drawn twice."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"The `keras\.\w+\.serialize\(\)` API should only be used")
        warnings.filterwarnings("ignore", message=r"The initializer \w+ is unseeded and being called multiple times")
        yield
