"""How much the outputs of a network change when one layer alone is narrow."""

import numpy as np

from codesign.errors import PrecisionError
from codesign.fpga.search.choices import Value
from codesign.fpga.search.foretold import Noise
from codesign.fpga.search.space import Space
from codesign.network.quantize import NetworkQuantizer

_EVENTS = 2000
_UNKNOWN = 1.0  # of a width that cannot be built


def noise_of_choices(space: Space, quantizer: NetworkQuantizer, x: np.ndarray) -> Noise:
    """Return the mean squared change of the outputs as a share of their variance, by name of a choice and its width.

    One layer at a time takes each of its widths, all others the widest; one emulation each, of few events.

    Args:
        space: of the widths.
        quantizer: of the network.
        x: (n_events, n_inputs), of which the first count.
    """
    widest = {name: listed[-1] for name, listed in space.shared.items()}
    whole = _emulated(space, quantizer, widest, x)
    names = [name for name in space.shared if name != space.branch]
    if whole is None:
        return {name: dict.fromkeys(space.shared[name], 0.0) for name in names}
    variance = whole.var(0)
    varies = variance > 0  # of an output that does not, no share of it is known
    some: dict[str, dict[Value, float]] = {}
    for name in names:
        some[name] = dict.fromkeys(space.shared[name], _UNKNOWN)
        for value in space.shared[name][:-1]:
            found = _emulated(space, quantizer, widest | {name: value}, x)
            if found is not None and varies.any():
                shares = ((found - whole) ** 2).mean(0)[varies] / variance[varies]
                some[name][value] = float(shares.mean())
        some[name][space.shared[name][-1]] = 0.0
    return some


def _emulated(space: Space, quantizer: NetworkQuantizer, values: dict[str, Value], x: np.ndarray) -> np.ndarray | None:
    """(n_events, n_outputs); None of types that cannot be built."""
    try:
        return quantizer.quantize(space.precision(space.point(values)), quiet=True).emulate(x[:_EVENTS])
    except PrecisionError:
        return None
