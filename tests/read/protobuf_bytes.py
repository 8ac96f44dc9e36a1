"""Messages of Protocol Buffers, written field by field: small ONNX files without the package."""

FLOAT, INT64 = 1, 7


def varint(number: int) -> bytes:
    """Return a number as a file has it."""
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def message(*fields: tuple[int, int | str | bytes]) -> bytes:
    """Return the bytes of a message."""
    found = b""
    for number, value in fields:
        if isinstance(value, int):
            found += varint(number << 3) + varint(value)
        else:
            raw = value.encode() if isinstance(value, str) else value
            found += varint(number << 3 | 2) + varint(len(raw)) + raw
    return found


def value_info(name: str, sizes: tuple[int | str, ...], kind: int = FLOAT) -> bytes:
    """Return an input or output."""
    dims = [(1, message((2, size) if isinstance(size, str) else (1, size))) for size in sizes]
    return message((1, name), (2, message((1, message((1, kind), (2, message(*dims)))))))


def node(
    operation: str, inputs: tuple[str, ...], output: str, domain: str = "", **attributes: list[int] | str
) -> bytes:
    """Return a node; an attribute is whole numbers or a text."""
    given = [
        message((1, name), (4, value), (20, 3))
        if isinstance(value, str)
        else message((1, name), *((8, one) for one in value), (20, 7))
        for name, value in attributes.items()
    ]
    own = ((1, name) for name in inputs)
    return message(*own, (2, output), (3, f"node_{output}"), (4, operation), *((5, one) for one in given), (7, domain))


def model(nodes: list[bytes], tensors: list[bytes] = (), *, opset: int = 13, sizes: tuple = ("n", 2)) -> bytes:
    """Return a file that takes x, (n, 2), and gives y."""
    graph = message(
        *((1, one) for one in nodes),
        (2, "graph"),
        *((5, one) for one in tensors),
        (11, value_info("x", sizes)),
        (12, value_info("y", ("n", 2))),
    )
    return message((1, 8), (2, "test"), (7, graph), (8, message((1, ""), (2, opset))))


def external_tensor(name: str, location: str, sizes: tuple[int, ...]) -> bytes:
    """Return a tensor whose bytes lie in another file."""
    entry = message((1, "location"), (2, location))
    return message(*((1, size) for size in sizes), (2, FLOAT), (8, name), (13, entry), (14, 1))
