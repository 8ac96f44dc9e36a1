"""Runtimes that are code compiled for the network: our C++, float and integer, our reader of JSON, emlearn's C."""

from pathlib import Path

import numpy as np

from codesign.cpu.compile import compile_program
from codesign.cpu.runtime import Program
from codesign.errors import UnsupportedLayerError
from codesign.export.single_chain import single_chain
from codesign.network import Network

_EMLEARN_NAMES = {"linear": "identity", "sigmoid": "logistic"}


def prepare_cpp(network: Network, folder: Path, _: np.ndarray) -> Program:
    """Generated C++: the call of ``predict``, for one event at batch 1 and else for the batch."""
    from codesign.export import write_cpp

    header = folder / "network.hpp"
    write_cpp(network, header)
    return Program((compile_program("generated.cpp", folder.parent, options=["-DNETWORK=network"], headers=[header]),))


def prepare_cpp_integer(network: Network, folder: Path, _: np.ndarray) -> Program:
    """Generated integers of a fixed-point network: the call of ``emulate`` on codes that are already there.

    Raises:
        UnsupportedLayerError: for a network without fixed-point types.
    """
    from codesign.export import write_cpp_integer

    if network.input_precision is None:
        raise UnsupportedLayerError(
            "cpp-integer: expected a network with fixed-point types. Received: none; call quantize_network(network, x, "
            "...) first, or leave it out of runtimes"
        )
    header = folder / "network.hpp"
    write_cpp_integer(network, header)
    return Program((compile_program("integers.cpp", folder.parent, options=["-DNETWORK=network"], headers=[header]),))


def prepare_json(network: Network, folder: Path, _: np.ndarray) -> Program:
    """The generic C++ reader of the JSON file; reading is not timed.

    Raises:
        UnsupportedLayerError: for a graph, which the reader does not take.
    """
    from codesign.export import write_json, write_reader

    single_chain(network, "json")
    header, model = folder / "codesign_reader.hpp", folder / "network.json"
    write_reader(header)
    write_json(network, model)
    return Program((compile_program("json_reader.cpp", folder.parent, headers=[header]),), (str(model), ""))


def prepare_emlearn(network: Network, folder: Path, _: np.ndarray) -> Program:
    """The C that emlearn generates, with -ffast-math, which is its best; batches are a loop over events.

    Raises:
        UnsupportedLayerError: for a graph, a single layer, or quantizers, which emlearn cannot run.
    """
    import emlearn
    from emlearn.net import c_generate_net_loadable

    chain = single_chain(network, "emlearn")
    if len(chain.layers) < 2:
        raise UnsupportedLayerError("emlearn: expected at least two layers. Received: one; leave it out of runtimes")
    if chain.has_quantizers:
        raise UnsupportedLayerError(
            "emlearn: expected a network that was trained without quantizers, which it has none of. Received: one with "
            "quantizers; leave it out of runtimes"
        )
    names = [_EMLEARN_NAMES.get(layer.activation, layer.activation) for layer in chain.layers]
    kernel, bias = chain.folded()
    kernels = [kernel.astype(np.float32), *(layer.kernel for layer in chain.layers[1:])]
    biases = [bias.astype(np.float32), *(layer.bias for layer in chain.layers[1:])]
    header = folder / "network.h"
    header.write_text(c_generate_net_loadable(names, kernels, biases, prefix="network"))
    options = ["-ffast-math", f"-I{Path(emlearn.__file__).parent}"]
    return Program((compile_program("emlearn.c", folder.parent, options=options, headers=[header]),))
