"""The C++ of dense layers as dot products: a struct of each layer's own, and the calls for a number of events."""

from collections.abc import Sequence

from codesign.export.cpp_integer.code import Tables, comment
from codesign.export.cpp_integer.dot_plan import NEUTRAL, DotLayer, DotPlan

_PADDING = 16  # lanes of the widest vectors
_TEXTS = {
    "right": "v >> C",
    "half_even": "half_even_of(v, C)",
    "kept": "kept(v, C)",
    "mask": "v & C",
    "at_least": "larger(v, C)",
    "at_most": "smaller(v, C)",
    "plus": "v + C",
}


def dot_code(plan: DotPlan, tables: Tables) -> str:
    """Return structs, weights and the function ``rows`` of some events."""
    layers = "".join(_layer(number, layer, tables) for number, layer in enumerate(plan.layers))
    return f"#if CODESIGN_VECTOR_BYTES > 0\n{layers}{_rows(plan, tables)}#endif\n"


def _layer(number: int, layer: DotLayer, tables: Tables) -> str:
    weights = tables.name([one for own in layer.weights for one in own])
    steps = "".join(
        f"    v = {_TEXTS[kind].replace('C', _constant(kind, own, tables))};\n" for kind, own in layer.steps
    )
    unused = "" if any(len(set(own)) > 1 for _, own in layer.steps) else "    (void)u;\n"
    name = f"Layer_{number}"
    return (
        f"// {comment(layer.name)}\nstruct {name} {{\n"
        f"  static constexpr int n_in = {len(layer.weights[0])}, n_out = {len(layer.weights)};\n"
        f"  static constexpr bool is_bytes = {str(layer.is_bytes).lower()};\n"
        f"  static CODESIGN_INLINE Wide finish(Wide v, int u) noexcept {{\n{unused}{steps}    return v;\n  }}\n}};\n"
        f"inline constexpr Packed<{name}> packed_{number}({weights}, {tables.name(layer.biases)});\n\n"
    )


def _constant(kind: str, values: Sequence[int], tables: Tables) -> str:
    """Return a constant of all lanes, or a load of each lane's."""
    if len(set(values)) == 1:
        return f"({values[0]})" if values[0] != -(2**31) else "(-2147483647 - 1)"
    padded = [*values, *[NEUTRAL[kind]] * (-len(values) % _PADDING)]
    return f"load<Wide>({tables.name(padded, bits=32)} + u)"


def _rows(plan: DotPlan, tables: Tables) -> str:
    offsets = [(one + 2**15) % 2**16 - 2**15 for one in plan.offsets]  # 16 bits, as they are added
    if len(set(offsets)) == 1:
        offset = f"decltype(zero)(zero + std::int16_t({offsets[0]}))"
    else:
        offset = f"load<decltype(zero)>({tables.name(offsets)} + i)"
    lines = [
        "constexpr int G = group<Layer_0>, stride_0 = (n_inputs + G - 1) / G * G;",
        "alignas(64) Code<G> x_0[N * stride_0];",
        f"first_rows<N, stride_0>(events, x_0, [](int i, auto zero) {{ (void)i; return {offset}; }});",
    ]
    for number in range(1, len(plan.layers)):
        before = number - 1
        lines += [
            f"constexpr int stride_{number} = row<Layer_{before}>;",
            f"alignas(64) Code<group<Layer_{number}>> x_{number}[N * stride_{number}];",
            f"between<Layer_{before}, Layer_{number}, N, stride_{before}>(x_{before}, packed_{before}, x_{number});",
        ]
    end = len(plan.layers) - 1
    lines.append(f"last<Layer_{end}, N, stride_{end}>(x_{end}, packed_{end}, results);")
    head = "template <int N>\nCODESIGN_STEP void rows(const input_t* events, output_t* results) noexcept {\n"
    return head + "".join(f"  {line}\n" for line in lines) + "}\n"
