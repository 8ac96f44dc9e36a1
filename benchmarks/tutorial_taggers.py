#!/usr/bin/env python3
"""The taggers of hls4ml's tutorial, with weights of our own: read, emulated and simulated, against Keras on 30,000 jets.

python benchmarks/tutorial_taggers.py [--epochs N] [--json PATH]

Part 1 is a float network, part 3 the same pruned to 75 % zeros, part 4 (and 7) one of quantized_bits(6,0,alpha=1) and
quantized_relu(6), which clips at 1, pruned too. The float ones are emulated with 16 bits, those of QKeras in their trained types.
"""

import argparse
import tempfile

import numpy as np
from result import goal, write_result

from codesign import Design, Network, keras, load_dataset, quantize_network
from codesign.data import Dataset
from codesign.fpga.hls4ml_project import write_hls4ml_project
from codesign.train import FitSettings, fit_classifier

HIDDEN = (64, 32, 32)
WEIGHTS = {"kernel_quantizer": "quantized_bits(6,0,alpha=1)", "bias_quantizer": "quantized_bits(6,0,alpha=1)"}
TAGGERS = {"part 1": (False, 0.0), "part 3": (False, 0.75), "part 4": (True, 0.75), "part 7": (True, 0.0)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=10, metavar="N", help="of each training (default: 10)")
    parser.add_argument("--json", metavar="PATH")
    options = parser.parse_args()
    data = load_dataset("jets_hlf").standardized()
    rows = [row(name, *kind, data, options.epochs) for name, kind in TAGGERS.items()]
    same = [100 * one["same_decision_as_keras"] for one in rows]
    goals = [
        goal("decisions equal to Keras's, worst tagger, %", min(same), ">=", 99.9),
        goal("events that differ from the C simulation", sum(one["csim_mismatches"] for one in rows), "==", 0),
        goal("largest |predict - Keras|", max(one["predict_difference"] for one in rows), "<=", 1e-5),
    ]
    write_result("tutorial_taggers", data.kind, rows, goals, path=options.json, seeds=[0])


def row(name: str, quantised: bool, sparsity: float, data: Dataset, epochs: int) -> dict:
    """Train a tagger, and compare its network with it."""
    settings = FitSettings(epochs=epochs, batch_size=1024, sparsity=sparsity)
    model = fit_classifier(tagger(data, quantised=quantised), data, settings, label=name)
    x = data.x_test.astype(np.float32)
    network = Network.from_keras(model, x)
    outputs = model.predict(x, batch_size=4096, verbose=0)
    widths = {} if quantised else {"weights": 16, "activations": 16}
    fixed = quantize_network(network, data.x_train[:20_000], **widths)
    emulated = fixed.emulate(x)
    with tempfile.TemporaryDirectory() as folder:
        simulated = write_hls4ml_project(Design(fixed, implementation="hls4ml-latency", reuse_factor=1), folder).simulate(x)
    decisions = outputs.argmax(1)
    return {
        "method": name,
        "accuracy_keras": float(np.mean(decisions == data.y_test)),
        "accuracy_emulated": float(np.mean(emulated.argmax(1) == data.y_test)),
        "same_decision_as_keras": float(np.mean(emulated.argmax(1) == decisions)),
        "csim_mismatches": int((simulated != emulated).any(1).sum()),
        "predict_difference": float(np.abs(softmax(network.predict(x)) - outputs).max()),
    }


def tagger(data: Dataset, *, quantised: bool) -> keras.Model:
    """16-64-32-32-5 with a softmax, as in the tutorial."""
    from qkeras import QActivation, QDense

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((data.n_features,))])
    for index, units in enumerate(HIDDEN, start=1):
        settings = {"name": f"fc{index}", "kernel_initializer": "lecun_uniform", "kernel_regularizer": keras.regularizers.l1(1e-4)}
        model.add(QDense(units, **WEIGHTS, **settings) if quantised else keras.layers.Dense(units, **settings))
        model.add(QActivation("quantized_relu(6)") if quantised else keras.layers.Activation("relu"))
    model.add(QDense(data.n_classes, name="output", **WEIGHTS) if quantised else keras.layers.Dense(data.n_classes, name="output"))
    model.add(keras.layers.Activation("softmax"))
    return model


def softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values - values.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


if __name__ == "__main__":
    main()
