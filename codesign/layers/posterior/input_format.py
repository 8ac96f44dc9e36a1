"""The fixed-point format of a PosteriorDense's inputs that a detector prescribes."""

import re

from codesign.errors import ConfigError

_PRESCRIBED = re.compile(r"ap_fixed<\s*(\d+)\s*,\s*(-?\d+)\s*(?:,\s*(?:AP_)?RND\s*,\s*(?:AP_)?SAT\s*)?>")
_MAX_WIDTH = 24  # float32 holds every code


def parse_input_precision(text: str | None) -> tuple[int, int] | None:
    """Return (width, integer) of ``ap_fixed<width,integer>``, in bits, or None for None.

    Raises:
        ConfigError: for any other text, or widths outside 1 to 24.
    """
    if text is None:
        return None
    match = _PRESCRIBED.fullmatch(str(text).strip())
    if not match or not 1 <= int(match[1]) <= _MAX_WIDTH:
        raise ConfigError(
            f"input_precision: expected ap_fixed<W,I> of 1 to {_MAX_WIDTH} bits, signed, which rounds and saturates. "
            f"Received: {text}; None learns the format of each input"
        )
    return int(match[1]), int(match[2])
