"""write_cpp: one dependency-free C++17 header per network."""

from os import PathLike
from pathlib import Path

from codesign._arguments import checked
from codesign._files import replace_file
from codesign.errors import DataError
from codesign.export.cpp.chain_code import chain_code
from codesign.export.cpp.graph_code import graph_code
from codesign.export.single_chain import SingleChain
from codesign.export.single_precision import in_single_precision
from codesign.network import Network
from codesign.read.names import Names

_WIDE_LAYER = 1024  # values of a block are on the stack: 64 bytes each, times the vectors of a block
_WORDS = frozenset(
    "alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class "
    "co_await co_return co_yield compl concept const consteval constexpr constinit const_cast continue decltype "
    "default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline "
    "int long main mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public "
    "register reinterpret_cast requires return short signed sizeof static static_assert static_cast std struct "
    "switch template this thread_local throw true try typedef typeid typename union unsigned using virtual void "
    "volatile wchar_t while xor xor_eq linux unix".split()
)
_BEFORE = ("runtime_vectors.hpp", "runtime_batch.hpp", "runtime_sparse.hpp", "runtime_event.hpp")
_ROUNDING = ("runtime_rounding.hpp",)
_AFTER = ("runtime_driver.hpp",)


@checked
def write_cpp(
    network: Network, path: str | PathLike, *, name: str = "network", sparse_density: float | None = None
) -> Path:
    """Write the network as one C++17 header that needs nothing else.

    Nothing is compared with the model: :func:`codesign.export_model` does that.
    In ``namespace <name>``, every function noexcept, without allocation, safe to call from many threads::

        inline constexpr int n_inputs, n_outputs;
        void predict(const float* event, float* outputs);                              // one event
        std::array<float, n_outputs> predict(const std::array<float, n_inputs>&);
        void predict(const float* events, float* outputs, std::size_t n);              // rows: (n, n_inputs), (n,
        n_outputs)

    The standardisation is inside. NaN in an event gives NaN in each of its outputs, and inf what dense layers give in
    float32: inf, 0 and 1 of a sigmoid, -1 and 1 of a tanh, NaN where inf meets a zero weight. TensorFlow on a CPU turns
    NaN into 0 in a relu and into equal probabilities in a softmax; here it stays NaN, but for the keys of tables, which
    are 0 of it. Outputs may lie on the events: ``predict(z, z, n)`` is right. Each activation is within 1e-6 of the
    exact one. Compile with -O3 -march=native; -ffast-math breaks NaN.

    Args:
        path: of the header, for example ``network.hpp``.
        name: of the namespace.
        sparse_density: share of live weights below which a layer is straight-line code; measured by default.

    Returns:
        The path.

    Raises:
        DataError: if the path cannot be written, or the name is a word of C++.

    Example:
        >>> from codesign import DenseLayer, Network, write_cpp
        >>> network = Network.chain([DenseLayer("fc", [[0.5], [-0.25]], [0.1])])
        >>> header = write_cpp(network, "tagger.hpp", name="tagger")
        >>> "namespace tagger" in header.read_text()
        True
    """
    replace_file(path, cpp_source(network, name=name, sparse_density=sparse_density).encode(), "the header")
    return Path(path)


def cpp_source(network: Network, *, name: str = "network", sparse_density: float | None = None) -> str:
    """Return the text of the header that :func:`write_cpp` writes.

    Raises:
        DataError: if the name is a word of C++, or a weight times the standardisation leaves float32.
    """
    check_namespace(name)
    chain = SingleChain.of(network)
    if chain is None:
        code = graph_code(in_single_precision(network))
    else:
        code = chain_code(chain, sparse_density=sparse_density)
    folder = Path(__file__).parent
    before = (*_BEFORE, *_ROUNDING * code.has_roundings, *code.runtime)
    parts = {
        "NAME": name,
        "SIZES": code.title,
        "N_INPUTS": str(network.n_inputs),
        "N_OUTPUTS": str(network.n_outputs),
        "PLACES": code.places,
        "LIVE": str(code.live_weights),
        "VECTORS": "batch_vectors" if code.widest <= _WIDE_LAYER else "1",
        "BEFORE": "\n".join((folder / file).read_text() for file in before),
        "AFTER": "\n".join((folder / file).read_text() for file in _AFTER),
        "LAYERS": code.functions,
        "BLOCK": code.block,
        "EVENT": code.event,
    }
    text = (folder / "header.hpp").read_text()
    for word, part in parts.items():
        text = text.replace(f"@{word}@", part)
    return text


def check_namespace(name: str) -> None:
    """Refuse what is no name for a namespace; DataError."""
    if name in _WORDS or "__" in name or name.startswith("_"):
        raise DataError(f"name: expected a name for a namespace, not a word of C++. Received: {name}; give another one")
    Names(name)
