"""Small files of formats whose libraries need not be installed."""


def field(number, content):
    """One field of a protobuf message: a number, bytes or text."""
    if isinstance(content, int):
        return bytes([number << 3, content])
    content = content.encode() if isinstance(content, str) else content
    size = len(content)
    prefix = bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])
    tag = number << 3 | 2
    return (bytes([tag]) if tag < 128 else bytes([tag & 127 | 128, tag >> 7])) + prefix + content


def onnx_model(*, operator="Identity", domain="", tensor=b"", nested=False):
    """An ONNX model of one node; `tensor` are more fields of its initializer, which lies in a subgraph if `nested`."""
    weights = field(1, 1) + field(2, 1) + field(8, "w") + (tensor or field(9, b"\x00\x00\x80\x3f"))
    node = field(1, "x") + field(2, "y") + field(4, operator) + field(7, domain)
    if nested:
        node += field(5, field(1, "body") + field(6, field(1, field(4, "Identity")) + field(5, weights)))
    graph = (
        field(1, node)
        + field(2, "g")
        + (b"" if nested else field(5, weights))
        + field(11, field(1, "x"))
        + field(12, field(1, "y"))
    )
    return field(1, 8) + field(2, "by hand") + field(7, graph) + field(8, field(2, 17))
