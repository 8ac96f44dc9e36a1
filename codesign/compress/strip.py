"""Training layers give way to what they run with."""

from dataclasses import replace

import numpy as np

from codesign._keras import keras
from codesign.compress.fold import fold_gates
from codesign.compress.steps import DenseStep, build_steps, read_steps
from codesign.errors import UnsupportedLayerError
from codesign.layers import MaskedDense
from codesign.layers.quantizers import pack_quantizer


def strip(model: keras.Model) -> keras.Sequential:
    """Return the model in plain layers only, with the weights of inference; predictions stay the same to 1e-6.

    Training layers become Dense, or QDense where they have quantizers; TFMOT's pruning wrappers are opened; gates and
    feature selections become zeros in kernels; everything else is copied. The model itself is left as it is.

    Args:
        model: chain of layers, built.

    Raises:
        UnsupportedLayerError: for a model that is no chain, a gate that cannot be folded exactly, or a PosteriorDense
            that collapses.
        TrainingError: for NaN or inf in the weights, or a gate that is still soft.
    """
    return build_steps(fold_gates(read_steps(model)), int(model.input_shape[-1]), model.name)


def mask_zeros(model: keras.Model) -> keras.Sequential:
    """Return the stripped model with every dense layer a MaskedDense whose zeros stay zero: for a fine-tune.

    Strip it afterwards.

    Raises:
        UnsupportedLayerError: as :func:`strip`, and for a QDense with a quantizer as its activation.
    """
    steps = [_masked(step) if isinstance(step, DenseStep) else step for step in fold_gates(read_steps(model))]
    return build_steps(steps, int(model.input_shape[-1]), model.name)


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
