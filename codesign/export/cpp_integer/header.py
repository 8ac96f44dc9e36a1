"""write_cpp_integer: the integers of a fixed-point network as one dependency-free C++17 header."""

import hashlib
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

import numpy as np

from codesign._arguments import checked
from codesign._files import replace_file
from codesign._version import __version__
from codesign.errors import UnsupportedLayerError
from codesign.export.cpp.graph_code import escaped
from codesign.export.cpp.header import check_namespace
from codesign.export.cpp_integer.code import Writer, comment
from codesign.export.cpp_integer.cost import dot_cost, lanes_cost
from codesign.export.cpp_integer.dot_code import dot_code
from codesign.export.cpp_integer.dot_plan import DotPlan, dot_plan
from codesign.export.cpp_integer.layout import share_slots
from codesign.export.cpp_integer.lower import lower
from codesign.export.cpp_integer.program import LANES, Program
from codesign.export.cpp_integer.shape import shaped
from codesign.export.cpp_integer.table_sums import with_table_sums
from codesign.network import FixedPoint, Network
from codesign.network.ops import Shape
from codesign.network.summary import size_text
from codesign.read.names import Names

_MOST_BYTES = 2**17  # at one time: on the stack, for each event of a block
_DOTS, _TABLES = ("runtime_dots.hpp",), ("runtime_keys.hpp", "runtime_tables.hpp")
_ROUNDINGS = {"TRN": "floor", "RND": "half_up", "RND_CONV": "half_even"}
_OVERFLOWS = {"WRAP": "wrap", "SAT": "saturate", "SAT_SYM": "saturate_symmetric"}


@checked
def write_cpp_integer(
    network: Network,
    path: str | PathLike,
    *,
    namespace: str | None = None,
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
) -> Path:
    """Write the integers of a fixed-point network as one C++17 header that needs nothing else.

    It takes the codes that the hardware takes and gives the codes that it gives: those of
    :meth:`Network.emulate_codes`, bit for bit. Nothing is compared here: :func:`codesign.export_model` with
    ``to="cpp-integer"`` does that. In ``namespace <namespace>``, every function noexcept, without allocation, safe to
    call from many threads::

        inline constexpr int n_inputs, n_outputs;
        using input_t, output_t;                                    // std::int16_t, 32 or 64; output_t 32 or 64
        inline constexpr Port inputs[n_inputs], outputs[n_outputs]; // name, width, fraction, is_signed, ...
        void emulate(const input_t* event, output_t* result);
        void emulate(const input_t* events, output_t* results, std::size_t n);   // rows
        void encode(const double* values, input_t* event);          // as Network.encode; float too
        void decode(const output_t* result, double* values);

    Inside the namespace is an inline one of the file's hash, and of the vectors it is compiled for: two networks, or
    versions of one, never share code or weights in one program.

    Args:
        network: with every type set.
        path: of the header, for example ``tagger.hpp``.
        namespace: None: ``network``.
        input_names, output_names: of each value, for ``inputs`` and ``outputs``; empty: ``x0, ...``
            and ``y0, ...``.

    Returns:
        The path.

    Raises:
        DataError: if the path cannot be written, or the namespace is a word of C++.
        PrecisionError: if types are missing or too wide.
        UnsupportedLayerError: for an op that the C++ lacks: it names the node; or for more values than the stack holds.

    Example:
        >>> import tempfile
        >>> from codesign import DenseLayer, Network, quantize_network, write_cpp_integer
        >>> network = Network.chain([DenseLayer("fc", [[0.5], [-0.25]], [0.1])])
        >>> fixed = quantize_network(network, [[1.0, 2.0]], weights=4, activations=6)
        >>> write_cpp_integer(fixed, tempfile.mkdtemp() + "/tagger.hpp", namespace="tagger").name
        'tagger.hpp'
    """
    names = Names(namespace or "network", tuple(input_names), tuple(output_names))
    replace_file(path, cpp_integer_source(network, names=names).encode(), "the header")
    return Path(path)


def cpp_integer_source(network: Network, *, names: Names = Names()) -> str:
    """Return the text of the header that :func:`write_cpp_integer` writes."""
    check_namespace(names.network)
    names, folder = names.of(network), Path(__file__).parent
    program = lower(network)
    plan = dot_plan(program)  # before it is shaped
    program = shaped(with_table_sums(program))
    in_lanes = plan is None or lanes_cost(program) < dot_cost(plan)
    parts, has_tables = _parts(program, plan), any(array.tables is not None for array in program.arrays)
    parts |= {
        "VERSION": __version__,
        "NAME": names.network,
        "TITLE": comment(size_text(network)),
        "N_INPUTS": str(network.n_inputs),
        "N_OUTPUTS": str(network.n_outputs),
        "INPUTS": _ports(names.inputs, [(one.shape, one.precision) for one in network.inputs]),
        "OUTPUTS": _ports(names.outputs, [(network.shapes[name], network.types[name]) for name in network.outputs]),
        "DOTS": str(int(plan is not None)),
        "LANE": str(8 if has_tables else 16),
        "TARGET": (folder / "runtime_target.hpp").read_text(),
    }
    text = (folder / "header.hpp").read_text()
    kinds = (*_DOTS * (plan is not None), *_TABLES * has_tables)
    runtime = ("runtime_lanes.hpp", "runtime_columns.hpp", *kinds, "runtime_ends.hpp")
    driver = ("runtime_one.hpp", "runtime_batch_lanes.hpp" if in_lanes else "runtime_batch_dots.hpp")
    for word, files in (("RUNTIME", runtime), ("DRIVER", driver)):
        text = text.replace(f"@{word}@", "\n".join((folder / file).read_text() for file in files))
    for word, part in parts.items():
        text = text.replace(f"@{word}@", part)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return text.replace("@GUARD@", f"{names.network}_{digest}").replace("@HASH@", f"v_{digest}")


def _parts(program: Program, plan: DotPlan | None) -> dict[str, str]:
    """Return what differs between programs."""
    slots = share_slots(program)
    taken = sum(bits // 8 * size for bits, size in slots.sizes.items())
    keys = [len(array.tables.keys) for array in program.arrays if array.tables is not None]
    taken = 2 * taken + max(keys) if keys else taken  # a block of twice as many events
    if taken > _MOST_BYTES:
        raise UnsupportedLayerError(
            f"the integer C++: expected values of an event in {_MOST_BYTES:,} bytes. Received: {taken:,}; use fewer "
            "positions"
        )
    writer = Writer(slots, program.used())
    functions = [writer.function(number, array) for number, array in enumerate(program.arrays)]
    calls = "".join(f"  step_{number}<M>(w);\n" for number, text in enumerate(functions) if text)
    (bits, source), (output_bits, result) = slots.place_of(program.inputs), slots.place(program.outputs[0])
    space = "".join(f"  alignas(64) std::int{one}_t s{one}[{max(1, slots.sizes[one])} * M::events];\n" for one in LANES)
    dots = "" if plan is None else dot_code(plan, writer.tables)
    return {
        "INPUT_BITS": str(bits),
        "OUTPUT_BITS": str(max(32, output_bits)),
        "CODE": f"template <class M>\nstruct Space {{\n{space}}};\n\n{writer.tables.text}\n{''.join(functions)}"
        f"template <class M>\ninline void run([[maybe_unused]] Space<M>& w) noexcept {{\n{calls}}}\n\n{dots}",
        "SOURCE": f"s{bits} + {source} * M::events",
        "RESULT": f"s{output_bits} + {result} * M::events",
    }


def _ports(names: Sequence[str], tensors: Sequence[tuple[Shape, FixedPoint]]) -> str:
    """Return the ports of tensors that lie side by side."""
    lines = []
    for shape, kind in tensors:
        bits = (np.broadcast_to(one, shape).ravel().tolist() for one in (kind.width, kind.fraction, kind.signed))
        modes = f"Rounding::{_ROUNDINGS[kind.rounding]}, Overflow::{_OVERFLOWS[kind.overflow]}"
        lines += [f"{width}, {fraction}, {str(signed).lower()}, {modes}" for width, fraction, signed in zip(*bits)]
    return "".join(f'    {{"{escaped(name)}", {line}}},\n' for name, line in zip(names, lines, strict=True))
