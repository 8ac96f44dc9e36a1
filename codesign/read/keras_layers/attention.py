"""MultiHeadAttention, GroupedQueryAttention, Attention, AdditiveAttention, and EinsumDense."""

from dataclasses import replace

import numpy as np

from codesign.network.ops import Activation, Add, Affine, Dense, MatMul, Sum
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.keras_calls import Call
from codesign.read.keras_layers.refusals import refusal
from codesign.read.parts.attention import attend
from codesign.read.parts.axes import permuted, reshaped

_HIDDEN = -1e9  # what is added to the scores of what a mask hides


def read_multi_head(builder: GraphBuilder, call: Call) -> Value:
    """``concat_h(softmax(q_h k_h^T / sqrt(d)) v_h) W + b``, of projections of query, key and value."""
    query, value, key = _taken(call)
    heads = {name: call.weight(f"{name}/kernel") for name in ("query", "key", "value")}
    axes = call.config.get("attention_axes")
    if any(len(one.shape) != 2 for one in (query, value, key)) or (axes is not None and np.ravel(axes).tolist() != [1]):
        raise refusal(
            call, "attention along the one axis of (steps, features)", f"attention_axes={axes} of {query.shape}"
        )
    names = ("query", "key", "value")
    split = [_projected(builder, call, name, one) for name, one in zip(names, (query, key, value))]
    scale = 1 / np.sqrt(float(call.config.get("key_dim", heads["key"].shape[-1])))
    mask = _mask(call, query.shape[0], value.shape[0])
    inner = replace(call, name=f"{call.name}_heads")
    found, _ = attend(builder, inner.name, *split, scale=float(scale), mask=mask)
    joined = permuted(builder, call.name, found, (1, 0, 2), name=f"{call.name}_joined")
    joined = reshaped(builder, call.name, joined, (query.shape[0], found.shape[0] * found.shape[2]))
    kernel = call.weight("attention_output/kernel")
    bias = call.weight("attention_output/bias").ravel() if call.layer.has_weight("attention_output/bias") else None
    flat = kernel.reshape(joined.shape[-1], -1)
    op = builder.constants.setdefault((call.layer, "output"), _dense(flat, bias))
    behind = builder.add(call.name, op, joined)
    return reshaped(builder, call.name, behind, (*behind.shape[:-1], *kernel.shape[2:]), name=f"{call.name}_shape")


def _projected(builder: GraphBuilder, call: Call, name: str, value: Value) -> Value:
    """(heads, steps, d) of (steps, features)."""
    kernel = call.weight(f"{name}/kernel")
    bias = call.weight(f"{name}/bias").ravel() if call.layer.has_weight(f"{name}/bias") else None
    op = builder.constants.setdefault((call.layer, name), _dense(kernel.reshape(kernel.shape[0], -1), bias))
    origin = f"{call.name}_{name}"
    flat = builder.add(call.name, op, value, name=origin)
    rows = reshaped(builder, call.name, flat, (value.shape[0], *kernel.shape[1:]), name=f"{origin}_rows")
    return permuted(builder, call.name, rows, (1, 0, 2), name=f"{origin}_heads")


def read_attention(builder: GraphBuilder, call: Call) -> Value:
    """Attention: ``softmax(scale q k^T) v``; of scores "dot", or of AdditiveAttention."""
    values = call.values
    query, value, key = (*values, values[1])[:3] if len(values) < 3 else values[:3]
    scale = call.weight("scale") if call.layer.has_weight("scale") else np.float32(1)
    mask = _mask(call, query.shape[-2], value.shape[-2])
    mode = call.config.get("score_mode", "dot")
    if call.kind == "AdditiveAttention":
        return _additive(builder, call, (query, key, value), scale, mask)
    if mode != "dot":
        raise refusal(call, "score_mode 'dot'", f"score_mode='{mode}'", "use AdditiveAttention or Attention()")
    found, _ = attend(builder, call.name, query, key, value, scale=float(scale), mask=mask)
    return found


def _additive(
    builder: GraphBuilder,
    call: Call,
    values: tuple[Value, Value, Value],
    scale: np.ndarray,
    mask: np.ndarray | None,
) -> Value:
    """``softmax(sum_d s_d tanh(q_d + k_d)) v``."""
    query, key, value = values
    rows = reshaped(builder, call.name, query, (*query.shape[:-1], 1, query.shape[-1]), name=f"{call.name}_query")
    columns = reshaped(builder, call.name, key, (*key.shape[:-2], 1, *key.shape[-2:]), name=f"{call.name}_key")
    both = builder.add(call.name, Add(), rows, columns, name=f"{call.name}_sum")
    bent = builder.add(call.name, Activation("tanh"), both, name=f"{call.name}_tanh")
    if np.ndim(scale):
        line = Affine(np.asarray(scale, np.float64), np.zeros(()))
        bent = builder.add(call.name, line, bent, name=f"{call.name}_scale")
    scores = builder.add(call.name, Sum(-1), bent, name=f"{call.name}_scores")
    if mask is not None:
        scores = builder.add(call.name, Affine(np.ones(()), mask), scores, name=f"{call.name}_masked")
    shares = builder.add(call.name, Activation("softmax"), scores, name=f"{call.name}_softmax")
    return builder.add(call.name, MatMul(), shares, value)


def _taken(call: Call) -> tuple[Value, Value, Value]:
    """Query, value and key, whatever order they are given in."""
    named = {name: one for name, one in call.kwargs.items() if isinstance(one, Value)}
    rest = [one for one in call.args if isinstance(one, Value)]
    for name in ("query", "value", "key"):
        if name not in named and rest:
            named[name] = rest.pop(0)
    if "query" not in named or "value" not in named or set(named) - {"query", "value", "key"}:
        raise refusal(call, "query, value and key", ", ".join(named) or "none", "call it without a mask of the events")
    return named["query"], named["value"], named.get("key", named["value"])


def _mask(call: Call, n_queries: int, n_values: int) -> np.ndarray | None:
    """What hides later steps, for a causal one."""
    is_causal = call.kwargs.get("use_causal_mask") or call.config.get("causal")
    if not is_causal:
        return None
    return np.where(np.arange(n_values) > np.arange(n_queries)[:, np.newaxis], _HIDDEN, 0.0)


def _dense(kernel: np.ndarray, bias: np.ndarray | None) -> Dense:
    kernel = np.asarray(kernel, np.float64)
    return Dense(kernel, np.zeros(kernel.shape[1]) if bias is None else bias)
