"""QMultiHeadAttention: projections, a softmax of tables, and products of values."""

from codesign.read.graph_builder import Value
from codesign.read.hgq.layer import HgqLayer
from codesign.read.hgq.softmax import add_softmax
from codesign.read.keras_calls import flat
from codesign.read.keras_layers.refusals import refusal
from codesign.read.parts.einsum import add_einsum, add_einsum_dense

_FUSED = {"qkv": ("key", "query", "value"), "kv": ("key", "value"), "none": ()}


def read_attention(layer: HgqLayer) -> Value:
    """``attention_output(softmax(query @ key) @ value)`` of one sequence axis."""
    query, value, key = _operands(layer)
    if layer.given("attention_axes") not in (None, [1], (1,)) or {len(one.shape) for one in (query, value)} != {2}:
        raise refusal(
            layer.call, "attention along one axis of (steps, features)", f"{query.shape}", "reshape it before"
        )
    parts = {"query": query, "key": key, "value": value}
    projected = {}
    for name, one in parts.items():
        if layer.given("enable_iq", True):
            one = layer.quantised(one, _place_of_quantizer(layer, name), "iq", word=f"{name}_iq")
        one = _projection(layer, name, "abc,cde->abde", one)
        projected[name] = layer.quantised(one, name, "oq")
    scores = add_einsum(
        layer.builder, f"{layer.call.name}_scores", "aecd,abcd->acbe", projected["key"], projected["query"]
    )
    scaler = 1.0 / float(layer.given("key_dim")) ** 0.5
    options = {"stable": bool(layer.given("stable_softmax", True)), "scaler": scaler}
    weights = add_softmax(layer, scores, [2], place=("softmax",), **options)
    weights = layer.quantised(weights, "softmax", "oq")
    name = f"{layer.call.name}_combined"
    value = add_einsum(layer.builder, name, "acbe,aecd->abcd", weights, projected["value"])
    value = layer.quantised(value, "attention_output", "iq")
    rank = len(layer.given("output_shape") or (1,))
    value = _projection(layer, "attention_output", f"abcd,cd{'efgh'[:rank]}->ab{'efgh'[:rank]}", value)
    if layer.given("enable_oq", False):
        value = layer.quantised(value, "attention_output", "oq")
    return layer.output(value)


def _place_of_quantizer(layer: HgqLayer, name: str) -> str:
    """Where the quantizer of what a projection takes is; projections that share it have it at the first of them."""
    fused = _FUSED.get(str(layer.given("fuse", "none")).lower(), ())
    shared = fused if name in fused else (name,)
    return next((one for one in shared if f"{one}/iq/k" in layer.variables), name)


def _projection(layer: HgqLayer, name: str, equation: str, value: Value) -> Value:
    kernel = layer.constants(name, "kq", layer.variable(f"{name}/kernel"))
    has_bias = f"{name}/bias" in layer.variables
    bias = layer.constants(name, "bq", layer.variable(f"{name}/bias")) if has_bias else None
    return add_einsum_dense(layer.builder, f"{layer.call.name}_{name}", equation, value, (kernel, bias))


def _operands(layer: HgqLayer) -> tuple[Value, Value, Value]:
    """Query, value and key; key is value, and value is query, where they are left out."""
    named = {name: layer.call.argument(index, name) for index, name in enumerate(("query", "value", "key"))}
    found = {name: next((leaf for leaf in flat(one) if isinstance(leaf, Value)), None) for name, one in named.items()}
    query = found["query"] or layer.call.values[0]
    value = found["value"] or query
    return query, value, found["key"] or value
