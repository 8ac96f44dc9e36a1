"""The C++ of a chain of dense layers: the fast path, one function or table per layer."""

import re
from collections.abc import Iterator, Sequence

from codesign.export.cpp.code import Code
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
from codesign.export.single_chain import SingleChain


def chain_code(chain: SingleChain, *, sparse_density: float | None = None) -> Code:
    """Return the parts of a header.

    Raises:
        DataError: if a weight times the standardisation leaves float32.
    """
    plan = make_plan(chain) if sparse_density is None else make_plan(chain, sparse_density=sparse_density)
    functions, block, event = _layers(plan)
    widest = max(chain.sizes[0], *(layer.kernel.shape[1] for layer in plan.layers))
    # Only straight-line code and softmax leave padding that a vector reads.
    zeros = " = {}" if any(layer.is_sparse or layer.activation == "softmax" for layer in plan.layers) else ""
    arrays = [f"{name}[{padded(widest)}]{zeros}" for name in "ab" if re.search(rf"\b{name}\b", event)]
    return Code(
        title="-".join(map(str, chain.sizes)),
        live_weights=sum(int((layer.kernel != 0).sum()) for layer in plan.layers if layer.is_sparse),
        widest=widest,
        has_roundings=plan.has_roundings,
        functions=functions + (exact_function(chain) if plan.skips_zeros else ""),
        block=f"  Wide a[{widest} * M], b[{widest} * M];\n{block}",
        event=f"  alignas(64) float {', '.join(arrays)};\n{event}" if arrays else event,
    )


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
