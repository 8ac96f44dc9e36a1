"""write_cpp: one dependency-free C++17 header per network."""

import re
from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path

from codesign._arguments import checked
from codesign._files import replace_file
from codesign.errors import DataError
from codesign.export.cpp.exact_code import exact_function
from codesign.export.cpp.layer_code import (
    dense_tables,
    fused_function,
    fuses,
    fuses_dense,
    is_sparse_for_one,
    padded,
    sparse_function,
    struct_of,
    table,
)
from codesign.export.cpp.plan import Plan, PlannedLayer, make_plan
from codesign.export.cpp.rounding_code import rounding_struct
from codesign.export.float_chain import FloatChain

_WIDE_LAYER = 1024  # values of a block are on the stack: 64 bytes each, times the vectors of a block
_WORDS = frozenset(
    "alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class co_await co_return"
    " co_yield compl concept const consteval constexpr constinit const_cast continue decltype default delete do double dynamic_cast"
    " else enum explicit export extern false float for friend goto if inline int long main mutable namespace new noexcept not not_eq"
    " nullptr operator or or_eq private protected public register reinterpret_cast requires return short signed sizeof static"
    " static_assert static_cast std struct switch template this thread_local throw true try typedef typeid typename union unsigned"
    " using virtual void volatile wchar_t while xor xor_eq linux unix".split()
)
_BEFORE = ("runtime_vectors.hpp", "runtime_batch.hpp", "runtime_sparse.hpp", "runtime_event.hpp")
_ROUNDING = ("runtime_rounding.hpp",)
_AFTER = ("runtime_driver.hpp",)


@checked
def write_cpp(chain: FloatChain, path: str | PathLike, *, sparse_density: float | None = None) -> Path:
    """Write the network as one C++17 header that needs nothing else; :func:`codesign.export_model` compares it with the model too.

    In ``namespace <chain.name>``, every function noexcept, without allocation, safe to call from many threads::

        inline constexpr int n_inputs, n_outputs;
        void predict(const float* event, float* outputs);                              // one event
        std::array<float, n_outputs> predict(const std::array<float, n_inputs>&);
        void predict(const float* events, float* outputs, std::size_t n);              // rows: (n, n_inputs), (n, n_outputs)

    The standardisation is inside. NaN in an event gives NaN in each of its outputs, and inf what dense layers give in
    float32: inf, 0 and 1 of a sigmoid, -1 and 1 of a tanh, NaN where inf meets a zero weight. TensorFlow on a CPU turns
    NaN into 0 in a relu and into equal probabilities in a softmax; here it stays NaN. Outputs may lie on the events:
    ``predict(z, z, n)`` is right. Each activation is within 1e-6 of the exact one.
    Compile with -O3 -march=native;
    -ffast-math breaks NaN.

    Args:
        path: of the header, for example ``network.hpp``.
        sparse_density: share of live weights below which a layer is straight-line code; measured by default.

    Returns:
        The path.

    Raises:
        DataError: if the path cannot be written, or the name is a word of C++.
    """
    replace_file(path, cpp_source(chain, sparse_density=sparse_density).encode(), "the header")
    return Path(path)


def cpp_source(chain: FloatChain, *, sparse_density: float | None = None) -> str:
    """Return the text of the header that :func:`write_cpp` writes.

    Raises:
        DataError: if the name is a word of C++, or a weight times the standardisation leaves float32.
    """
    if chain.name in _WORDS or "__" in chain.name or chain.name.startswith("_"):
        raise DataError(
            f"name: expected a name for a namespace, not a word of C++. Received: {chain.name}; give another one"
        )
    plan = make_plan(chain) if sparse_density is None else make_plan(chain, sparse_density=sparse_density)
    functions, block, event = _layers(plan)
    widest = max(chain.n_inputs, *(layer.kernel.shape[1] for layer in plan.layers))
    # Only straight-line code and softmax leave padding that a vector reads.
    zeros = " = {}" if any(layer.is_sparse or layer.activation == "softmax" for layer in plan.layers) else ""
    arrays = [f"{name}[{padded(widest)}]{zeros}" for name in "ab" if re.search(rf"\b{name}\b", event)]
    folder = Path(__file__).parent
    parts = {
        "NAME": chain.name,
        "SIZES": "-".join(map(str, chain.sizes)),
        "N_INPUTS": str(chain.n_inputs),
        "N_OUTPUTS": str(chain.n_outputs),
        "LIVE": str(sum(int((layer.kernel != 0).sum()) for layer in plan.layers if layer.is_sparse)),
        "BUFFER": str(widest),
        "EXACT": exact_function(chain) if plan.skips_zeros else "",
        "VECTORS": "batch_vectors" if widest <= _WIDE_LAYER else "1",
        "BEFORE": "\n".join((folder / file).read_text() for file in (*_BEFORE, *_ROUNDING * plan.has_roundings)),
        "AFTER": "\n".join((folder / file).read_text() for file in _AFTER),
        "LAYERS": functions,
        "BLOCK": block,
        "EVENT": f"  alignas(64) float {', '.join(arrays)};\n{event}" if arrays else event,
    }
    text = (folder / "header.hpp").read_text()
    for word, part in parts.items():
        text = text.replace(f"@{word}@", part)
    return text


def _layers(plan: Plan) -> tuple[str, str, str]:
    """Return tables and functions, the calls for a block of events, and those for one event."""
    functions, block, event = _start(plan)
    sources = "a", "a" if plan.standardisation or plan.input_rounding else "x"
    spare = "b"
    for index, step in _steps(plan.layers):
        functions += _definitions(index, step)
        block += _block_calls(index, step, f"{sources[0]}, {spare}")
        event += _event_calls(index, step, f"{sources[1]}, {spare}")
        spare, sources = sources[0], (spare, spare)
    block.append(
        f"for (int m = 0; m < M; ++m) to_rows<n_outputs, M>({sources[0]} + m, outputs + m * widest * n_outputs);"
    )
    if plan.skips_zeros:
        block.append("redo<M>(check, events, outputs);")
    event.append(f"for (int u = 0; u < n_outputs; ++u) outputs[u] = {sources[1]}[u];")
    return "".join(functions), *("\n".join(f"  {line}" for line in lines) for lines in (block, event))


def _steps(layers: Sequence[PlannedLayer]) -> Iterator[tuple[int, tuple[PlannedLayer, ...]]]:
    """Yield the layers with the index of the first, two at a time where two are one function."""
    index = 0
    while index < len(layers):
        pair = layers[index : index + 2]
        step = pair if len(pair) == 2 and (fuses(*pair) or fuses_dense(*pair)) else pair[:1]
        yield index, step
        index += len(step)


def _start(plan: Plan) -> tuple[list[str], list[str], list[str]]:
    """Return what :func:`_layers` begins with: reading, the check for irregular events, the standardisation."""
    check = str(plan.skips_zeros).lower()
    read = f"to_columns<n_inputs, M, {check}>(events + m * widest * n_inputs, a + m, check[m]);"
    block = [f"Wide check[M] = {{}};\n  for (int m = 0; m < M; ++m) {read}"]
    event = ["if (is_irregular<n_inputs>(x)) return exact(x, outputs);"] if plan.skips_zeros else []
    tables, source = [], "x"
    if plan.standardisation is not None:
        tables = [table("offset", plan.standardisation[0]), table("scale", plan.standardisation[1])]
        block.append("standardise_batch<n_inputs, M>(a, offset, scale);")
        event.append("standardise_event<n_inputs>(x, a, offset, scale);")
        source = "a"
    if plan.input_rounding is not None:
        tables.append(rounding_struct("rounding_input", plan.input_rounding))
        block.append("quantise_batch<n_inputs, M, rounding_input>(a);")
        event.append(f"quantise_event<n_inputs, rounding_input>({source}, a);")
    return tables, block, event


def _definitions(index: int, step: Sequence[PlannedLayer]) -> list[str]:
    found = [rounding_struct(f"rounding_{layer.name}", layer.rounding) for layer in step if layer.rounding is not None]
    if not is_sparse_for_one(step):
        found += [dense_tables(index + number, layer) for number, layer in enumerate(step)]
    if step[0].is_sparse:
        found.append(sparse_function(index, *step) if len(step) == 1 else fused_function(index, *step))
    return found


def _block_calls(index: int, step: Sequence[PlannedLayer], buffers: str) -> list[str]:
    first, last = step[0], step[-1]
    source, target = buffers.split(", ")
    if first.is_sparse:
        calls = [
            "for (int m = 0; m < M; m += grouped<M>)",
            f"  sparse_{index}<{struct_of(last)}>(Source<Wide, grouped<M>, M>{{{source} + m}},",
            f"    Target<Wide, grouped<M>, M>{{{target} + m}});",
        ]
    elif len(step) == 2:
        sizes = ", ".join(map(str, (*first.kernel.shape, padded(first.kernel.shape[1]), padded(1))))
        tables = f"weight_{index}, bias_{index}, weight_{index + 1}, bias_{index + 1}"
        calls = [f"fused_batch<M, {sizes}, {struct_of(first)}, {struct_of(last)}>({buffers}, {tables});"]
    else:
        calls = [f"dense_batch<M, {_sizes(first)}>({buffers}, weight_{index}, bias_{index});"]
    if last.has_rounding_per_unit:
        calls.append(f"quantise_batch<{last.kernel.shape[1]}, M, rounding_{last.name}>({target});")
    return calls + ([f"softmax_batch<M, {last.kernel.shape[1]}>({target});"] if last.activation == "softmax" else [])


def _event_calls(index: int, step: Sequence[PlannedLayer], buffers: str) -> list[str]:
    first, last = step[0], step[-1]
    source, target = buffers.split(", ")
    if is_sparse_for_one(step):
        call = f"sparse_{index}<Linear>(Source<float, 1, 1>{{{source}}}, Target<float, 1, 1>{{{target}}});"
        calls = [call, f"activate_event<{last.kernel.shape[1]}, {struct_of(last)}>({target});"]
    elif len(step) == 1:
        calls = [f"dense_event<{_sizes(first)}>({buffers}, weight_{index}, bias_{index});"]
    else:
        hidden = f"hidden_{index}"
        calls = [
            f"alignas(64) float {hidden}[{padded(first.kernel.shape[1])}];",
            f"dense_event<{_sizes(first)}>({source}, {hidden}, weight_{index}, bias_{index});",
            f"dense_event<{_sizes(last)}>({hidden}, {target}, weight_{index + 1}, bias_{index + 1});",
        ]
    if last.has_rounding_per_unit:
        calls.append(f"quantise_event<{last.kernel.shape[1]}, rounding_{last.name}>({target}, {target});")
    return calls + ([f"softmax_event<{last.kernel.shape[1]}>({target});"] if last.activation == "softmax" else [])


def _sizes(layer: PlannedLayer) -> str:
    n_in, n_out = layer.kernel.shape
    return f"{n_in}, {n_out}, {padded(n_out)}, {struct_of(layer)}"
