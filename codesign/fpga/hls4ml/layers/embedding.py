"""An embedding: hls4ml addresses its table by integers."""

from math import prod

from codesign.fpga.hls4ml.layer_list import LayerList, Value, WrittenNode


def write_embedding(node: WrittenNode, layers: LayerList, value: Value) -> Value:
    """Add an Embedding."""
    op = node.op
    address = value if "int" in layers.config[value.name]["Precision"]["result"] else layers.cast_to_integers(value)
    return layers.add(
        "Embedding",
        [address],
        (node.shape, node.fixed.output.envelope),
        types={"embeddings": op.type},
        n_in=prod(value.shape),
        n_out=op.table.shape[1],
        vocab_size=op.table.shape[0],
        embeddings_data=op.type.quantize(op.table),
    )
