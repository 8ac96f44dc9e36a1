"""Training layers give way to what they run with."""

from dataclasses import replace

import numpy as np

from codesign._keras import keras
from codesign.compress.fold import fold_gates
from codesign.compress.step_graph import build_model, read_step_graph
from codesign.compress.steps import DenseStep
from codesign.errors import UnsupportedLayerError
from codesign.layers import MaskedDense
from codesign.layers.quantizers import pack_quantizer


def strip(model: keras.Model) -> keras.Model:
    """Return the model in plain layers only, with the weights of inference; predictions stay the same to 1e-6.

    Training layers become Dense, or QDense where they have quantizers; TFMOT's pruning wrappers and nested models are
    opened; gates and feature selections become zeros in kernels, on every branch; everything else is copied. The model
    itself is left as it is.

    Args:
        model: Sequential or functional, built: branches, shared layers, several inputs and outputs.

    Returns:
        A Sequential where each layer takes what the one before gives, else a functional model.

    Raises:
        UnsupportedLayerError: for a model that cannot be followed, a gate that cannot be folded exactly, or a
            PosteriorDense that collapses.
        TrainingError: for NaN or inf in the weights, or a gate that is still soft.

    Example:
        >>> from codesign import TopKGate, keras, strip
        >>> model = keras.Sequential([keras.Input((4,)), TopKGate(2), keras.layers.Dense(1)])
        >>> [type(layer).__name__ for layer in strip(model).layers]
        ['Dense']
    """
    return build_model(fold_gates(read_step_graph(model)))[0]


def mask_zeros(model: keras.Model) -> keras.Model:
    """Return the stripped model, every dense layer a MaskedDense whose zeros stay zero in a fine-tune; strip it then.

    Raises:
        UnsupportedLayerError: as :func:`strip`, and for a QDense with a quantizer as its activation.
    """
    graph = fold_gates(read_step_graph(model))
    masked = {name: _masked(step) for name, step in graph.dense.items()}
    return build_model(replace(graph, steps={**graph.steps, **masked}))[0]


def _masked(step: DenseStep) -> DenseStep:
    if type(step.activation).__module__.startswith("qkeras"):
        raise UnsupportedLayerError(
            f"layer '{step.name}': expected a QActivation behind the QDense. Received: {step.activation} as its "
            "activation; take it out of the layer"
        )
    quantizers = {
        "kernel_quantizer": pack_quantizer(step.kernel_quantizer),
        "bias_quantizer": pack_quantizer(step.bias_quantizer),
    }
    config = {"name": step.name, "activation": keras.activations.serialize(step.activation), **quantizers}
    return replace(step, kind=MaskedDense, config=config, mask=np.asarray(step.effective_kernel != 0, np.float32))
