"""Runtimes that are code compiled for the network: our C++, our reader of JSON, emlearn's C."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from codesign.cpu.compile import compile_program
from codesign.cpu.runtime import Program
from codesign.errors import UnsupportedLayerError
from codesign.export import FloatChain

_EMLEARN_NAMES = {"linear": "identity", "sigmoid": "logistic"}


def prepare_cpp(chain: FloatChain, folder: Path, _: np.ndarray) -> Program:
    """Generated C++: the call of ``predict``, for one event at batch 1 and else for the batch."""
    from codesign.export import write_cpp

    header = folder / "network.hpp"
    write_cpp(chain, header)
    return Program(
        (compile_program("generated.cpp", folder.parent, options=[f"-DNETWORK={chain.name}"], headers=[header]),)
    )


def prepare_json(chain: FloatChain, folder: Path, _: np.ndarray) -> Program:
    """The generic C++ reader of the JSON file; reading is not timed."""
    from codesign.export import write_json, write_reader

    header, model = folder / "codesign_reader.hpp", folder / "network.json"
    write_reader(header)
    write_json(chain, model)
    return Program((compile_program("json_reader.cpp", folder.parent, headers=[header]),), (str(model), ""))


def prepare_emlearn(chain: FloatChain, folder: Path, _: np.ndarray) -> Program:
    """The C that emlearn generates, with -ffast-math, which is its best; batches are a loop over events.

    Raises:
        UnsupportedLayerError: for a single layer, or quantizers, which emlearn cannot run.
    """
    import emlearn
    from emlearn.net import c_generate_net_loadable

    if len(chain.layers) < 2:
        raise UnsupportedLayerError("emlearn: expected at least two layers. Received: one; leave it out of runtimes")
    if chain.has_quantizers:
        raise UnsupportedLayerError(
            "emlearn: expected a network that was trained without quantizers, which it has none of. Received: one with "
            "quantizers; leave it out of runtimes"
        )
    layers = fold_standardisation(chain).layers
    names = [_EMLEARN_NAMES.get(layer.activation, layer.activation) for layer in layers]
    header = folder / "network.h"
    code = c_generate_net_loadable(
        names, [layer.kernel for layer in layers], [layer.bias for layer in layers], prefix="network"
    )
    header.write_text(code)
    options = ["-ffast-math", f"-I{Path(emlearn.__file__).parent}"]
    return Program((compile_program("emlearn.c", folder.parent, options=options, headers=[header]),))


def fold_standardisation(chain: FloatChain) -> FloatChain:
    """Return the chain with the standardisation in its first layer, for runtimes that have none; computed in float64.

    A chain with a quantizer behind its standardisation cannot be folded, and must not come here.
    """
    kernel, bias = chain.folded()
    return replace(
        chain, layers=(replace(chain.layers[0], kernel=kernel, bias=bias), *chain.layers[1:]), offset=None, scale=None
    )
