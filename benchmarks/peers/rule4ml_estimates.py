"""Estimates of rule4ml 0.2.0, in an environment of its own.

    python -m venv rule4ml
    rule4ml/bin/pip install rule4ml==0.2.0 tensorflow==2.21.0 keras==3.15.1 keras-tuner==1.4.8 torch==2.14.1 \\
        torch-geometric optuna pandas
    rule4ml/bin/python benchmarks/peers/rule4ml_estimates.py < designs.json > estimates.json

Reads a list of designs: sizes, activations, weight_bits, integer_bits, reuse_factors, strategy, part_family, version.
Writes, for each of the models that come with it (perceptrons of v1 and v2, graph networks, its default), one list of
numbers by name for each design. Torch comes before TensorFlow: the other way round both end in a crash.
"""

import json
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import torch_geometric  # noqa: F401, I001  before keras
import keras
import rule4ml
from rule4ml.models.wrappers import KerasModelWrapper, TorchModelWrapper
from rule4ml.parsers.data_parser import get_global_inputs, get_layers_data, to_dataframe
from rule4ml.parsers.network_parser import config_from_keras_model

NAMES = {"LUT": "lut", "FF": "ff", "DSP": "dsp", "BRAM": "bram_18k", "CYCLES": "latency_cycles"}
NAMES["INTERVAL"] = "initiation_interval"
MODELS = {"rule4ml v1 mlp": "v1/mlp", "rule4ml v2 mlp": "v2/mlp", "rule4ml v2 gnn": "v2/gnn"}
BOARDS = {"7series": "pynq-z2", "us": "alveo-u200", "us+": "alveo-u200"}


def load(folder: Path) -> dict:
    """Return a model for each number that it foretells."""
    found = {}
    for label, name in NAMES.items():
        config = folder / f"{label}.config.json"
        weights = next(
            (folder / f"{label}.weights.{end}" for end in ("h5", "pt") if (folder / f"{label}.weights.{end}").exists()),
            None,
        )
        if config.exists() and weights is not None:
            wrapper = KerasModelWrapper() if weights.suffix == ".h5" else TorchModelWrapper()
            wrapper.load(str(config), str(weights))
            found[name] = wrapper
    return found


def network(sizes: list[int], activations: list[str]) -> keras.Model:
    """Return the dense network, whose weights do not matter."""
    layers = [
        keras.layers.Dense(units, activation=None if name in ("linear", "elu") else name, name=f"dense{index}")
        for index, (units, name) in enumerate(zip(sizes[1:], activations))
    ]
    model = keras.Sequential([keras.layers.Input((sizes[0],)), *layers])
    model.build((None, sizes[0]))
    return model


def config_of(design: dict) -> dict:
    """Return what rule4ml takes as hls4ml's configuration."""
    precision = f"ap_fixed<{design['weight_bits']}, {design['integer_bits']}>"
    factors = design["reuse_factors"]
    return {
        "board": BOARDS[design["part_family"]],
        "model": {"strategy": design["strategy"], "precision": precision, "reuse_factor": factors[0]},
        "layer_name": {f"dense{index}": {"reuse_factor": factor} for index, factor in enumerate(factors)},
    }


def inputs_of(designs: list[dict]) -> tuple[list[dict], list[list]]:
    """Return the two kinds of features of all designs."""
    models: dict[str, keras.Model] = {}
    whole, layers = [], []
    for design in designs:
        key = json.dumps([design["sizes"], design["activations"]])
        if key not in models:
            models[key] = network(design["sizes"], design["activations"])
        config = config_of(design)
        parsed = config_from_keras_model(models[key], config)
        whole.append(get_global_inputs(parsed, config, hls4ml_version="0.8.1", vivado_version=design["version"]))
        layers.append(get_layers_data(parsed))
    return whole, layers


def main() -> None:
    """Read designs, write estimates."""
    whole, layers = inputs_of(json.load(sys.stdin))
    folder = Path(rule4ml.__file__).parent / "models" / "weights"
    result = {}
    for method, place in MODELS.items():
        estimates: list[dict] = [{} for _ in whole]
        for name, wrapper in load(folder / place).items():
            frame = to_dataframe(
                global_inputs=whole, sequential_inputs=layers, global_categorical_maps=wrapper.global_categorical_maps,
                sequential_categorical_maps=wrapper.sequential_categorical_maps, meta_data=[], targets=[],
            )  # fmt: skip
            for estimate, value in zip(estimates, wrapper.predict_from_df(frame).astype(float)):
                estimate[name] = float(value[0])
        result[method] = estimates
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
