"""Random Keras models, as hls4ml's own converter writes them, with random types."""

import contextlib
import io
import sys
from pathlib import Path

import numpy as np

_MERGES = ("Add", "Concatenate", "Subtract", "Multiply", "Maximum", "Minimum", "Average")
_FUNCTIONS = ("relu", "tanh", "sigmoid", "softplus", "softsign", "elu", "selu", "hard_sigmoid", "linear")
_PLAIN = {"Latency": ("Vivado", "Vitis"), "Resource": ("Vivado", "Vitis", "Quartus", "oneAPI")}


def random_model(keras, rng: np.random.Generator):
    """A dense network, with merges, batch normalisations and activations; some with a convolution in front."""
    keras.backend.clear_session()
    layers, has_windows = keras.layers, rng.random() < 0.3
    shape = (int(rng.integers(5, 9)), int(rng.integers(1, 4))) if has_windows else (int(rng.integers(2, 9)),)
    first = value = layers.Input(shape)
    if has_windows:
        padding = str(rng.choice(["valid", "same"]))
        value = layers.Conv1D(int(rng.integers(1, 4)), 2, int(rng.integers(1, 3)), padding=padding)(value)
        value = _activated(layers, value, rng)
        pools = [layers.GlobalMaxPooling1D, layers.GlobalAveragePooling1D, layers.Flatten]
        value = pools[rng.integers(3)]()(value)
    for _ in range(rng.integers(1, 4)):
        kind = rng.integers(4)
        if kind == 0:
            value = layers.BatchNormalization()(value)
        else:
            units = value.shape[-1] if kind == 1 else int(rng.integers(1, 7))
            other = layers.Dense(units, kernel_initializer="random_normal", bias_initializer="random_normal")(value)
            value = getattr(layers, str(rng.choice(_MERGES)))()([value, other]) if kind == 1 else other
        value = _activated(layers, value, rng)
    if rng.random() < 0.3:
        value = layers.Activation("softmax")(layers.Dense(3)(value))
    model = keras.Model(first, value)
    model.set_weights([_drawn(weight, rng) for weight in model.weights])
    return model


def write_random_project(keras, rng: np.random.Generator, backend: str, folder: Path) -> None:
    """Write a project."""
    import hls4ml

    model = random_model(keras, rng)
    strategy = str(rng.choice([name for name, backends in _PLAIN.items() if backend in backends]))
    before, sys.modules["keras"] = sys.modules.get("keras"), keras
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            config = hls4ml.utils.config_from_keras_model(model, granularity="name", backend=backend)
            _draw_types(config, rng, strategy)
            options = {"hls_config": config, "output_dir": str(folder), "backend": backend}
            hls4ml.converters.convert_from_keras_model(model, **options).write()
    finally:
        sys.modules.pop("keras")
        if before is not None:
            sys.modules["keras"] = before


def _activated(layers, value, rng: np.random.Generator):
    choice = rng.integers(4)
    if choice == 0:
        return layers.LeakyReLU(float(rng.uniform(0.05, 0.6)))(value)
    if choice == 1:
        return layers.ELU(float(rng.uniform(0.3, 1.5)))(value)
    return layers.Activation(str(rng.choice(_FUNCTIONS)))(value)


def _drawn(weight, rng: np.random.Generator) -> np.ndarray:
    is_scale = any(word in weight.name for word in ("gamma", "variance"))
    return rng.uniform(0.5, 2, weight.shape) if is_scale else rng.normal(size=weight.shape) * 0.5


def _draw_types(config: dict, rng: np.random.Generator, strategy: str) -> None:
    modes = str(rng.choice(["", ",RND,SAT", ",RND_CONV,WRAP", ",TRN,SAT_SYM"]))
    config["Model"] |= {"Strategy": strategy, "Precision": {"default": f"fixed<{rng.integers(12, 17)},6{modes}>"}}
    for name, layer in config["LayerName"].items():
        types = layer.get("Precision", {})
        if rng.random() < 0.5 and "result" in types:
            types["result"] = f"fixed<{rng.integers(8, 18)},{rng.integers(4, 8)}{modes}>"
        if rng.random() < 0.2 and "accum" in types and "softmax" not in name:
            types["accum"] = f"fixed<{rng.integers(14, 26)},{rng.integers(6, 10)}>"
        if "Implementation" in layer:
            layer["Implementation"] = str(rng.choice(["stable", "latency", "legacy", "argmax"]))
        if "Strategy" in layer:
            layer["Strategy"] = strategy
        if "conv" in name:
            layer["Implementation"] = "im2col"
