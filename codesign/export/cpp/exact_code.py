"""The part of the C++ for events of which a dense layer makes NaN or inf: every unit and the zeros count."""

from pathlib import Path

import numpy as np

from codesign.export.cpp.layer_code import number, padded, struct_of
from codesign.export.cpp.plan import EXPONENT_FACTORS, PlannedLayer
from codesign.export.cpp.rounding_code import rounding_struct
from codesign.export.single_chain import SingleChain, SingleLayer


def exact_function(chain: SingleChain) -> str:
    """Return tables of the live weights as they were given, and the function that takes one irregular event."""
    widest = padded(max(chain.sizes))
    offset, scale = _array("exact_offset", chain.offset), _array("exact_scale", chain.scale)
    tables = offset + scale + "".join(_tables(index, layer) for index, layer in enumerate(chain.layers))
    calls = [f"alignas(64) float a[{widest}] = {{}}, b[{widest}] = {{}};"]
    calls.append("standardise_event<n_inputs>(x, a, exact_offset, exact_scale);")
    if chain.input_rounding is not None:
        calls.append("quantise_event<n_inputs, rounding_input>(a, a);")
    source, target = "ab"
    for index, given in enumerate(chain.layers):
        layer = PlannedLayer(given.kernel, given.bias, given.activation, True, f"exact_{index}", given.rounding)
        tables += "" if layer.rounding is None else rounding_struct(f"rounding_{layer.name}", layer.rounding)
        n_in, n_out = layer.kernel.shape
        names = ", ".join(f"exact_{name}_{index}" for name in ("ends", "from", "weight", "bias"))
        factor = number(EXPONENT_FACTORS.get(layer.activation, 1.0))
        calls.append(f"exact_layer<{n_in}, {n_out}, {struct_of(layer)}>({source}, {target}, {names}, {factor});")
        if layer.has_rounding_per_unit:
            calls.append(f"quantise_event<{n_out}, rounding_{layer.name}>({target}, {target});")
        source, target = target, source
    if chain.layers[-1].activation == "softmax":
        calls.append(f"softmax_event<n_outputs>({source});")
    calls.append(f"for (int u = 0; u < n_outputs; ++u) outputs[u] = {source}[u];")
    text = (Path(__file__).parent / "runtime_exact.hpp").read_text()
    return text.replace("@TABLES@", tables).replace("@CALLS@", "\n".join(f"  {call}" for call in calls))


def _tables(index: int, layer: SingleLayer) -> str:
    units, inputs = np.nonzero(layer.kernel.T)
    ends = np.cumsum(np.count_nonzero(layer.kernel, axis=0))
    arrays = {"ends": ends, "from": inputs, "weight": layer.kernel.T[units, inputs], "bias": layer.bias}
    return "".join(_array(f"exact_{name}_{index}", values) for name, values in arrays.items())


def _array(name: str, values: np.ndarray) -> str:
    kind, texts = ("float", map(number, values)) if values.dtype.kind == "f" else ("int", map(str, values))
    return f"inline constexpr {kind} {name}[{max(values.size, 1)}] = {{{', '.join(texts)}}};\n"
