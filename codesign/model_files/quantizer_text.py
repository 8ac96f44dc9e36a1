"""Texts that QKeras turns into quantizers, by calling whatever name of its module they begin with: checked first."""

import re

from codesign.errors import ConfigError, nearest
from codesign.model_files.known_names import ACTIVATIONS, QUANTIZER_FUNCTIONS, QUANTIZERS

_NUMBER = r"[+-]?(?:\d{1,6}|\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d{1,3})?"
_VALUE = rf"""(?:{_NUMBER}|True|False|None|'[A-Za-z0-9_.-]*'|"[A-Za-z0-9_.-]*")"""
_ARGUMENT = rf"(?:[A-Za-z_]\w* *= *)?{_VALUE}"
_TEXT = re.compile(rf"(?P<name>[A-Za-z_]\w*)(?P<call>\( *(?:{_ARGUMENT}(?: *, *{_ARGUMENT})* *,?)? *\))?", re.ASCII)
_LONGEST = 500


def check_quantizer_text(text: str, name: str) -> None:
    """Refuse a text that is no known quantizer or activation with plain arguments.

    Args:
        text: ``quantized_bits(6,0,alpha=1)``, ``quantized_relu(4, integer=2)``, ``hard_tanh``, ``relu``.
        name: of the argument, for messages.

    Raises:
        ConfigError: for another name, or arguments other than numbers, True, False, None and plain quoted words.
    """
    found = _TEXT.fullmatch(text.strip(" ")) if len(text) <= _LONGEST else None
    if found is None:
        shown = text if len(text) <= 80 else text[:80] + "..."
        raise ConfigError(
            f"{name}: expected a QKeras quantizer's text, a name with arguments that are numbers, True, False, None "
            "or quoted words, "
            f"such as quantized_bits(6,0,alpha=1). Received: {shown!r}"
        )
    known = QUANTIZERS if found["call"] else QUANTIZERS | QUANTIZER_FUNCTIONS | ACTIVATIONS
    if found["name"] not in known:
        raise ConfigError(
            f"{name}: expected a QKeras quantizer or a Keras activation. Received: "
            f"{text!r}{nearest(found['name'], known)}"
        )
