#!/usr/bin/env python3
"""The taggers of hls4ml's tutorial, with weights of our own.

Read, emulated, simulated and exported, against Keras on 30,000 jets. python benchmarks/tutorial_taggers.py [--epochs N]
[--json PATH]

Part 1 is a float network, part 3 the same pruned to 75 % zeros, part 4 (and 7) one of quantized_bits(6,0,alpha=1) and
quantized_relu(6), which clips at 1, pruned too. The float ones are emulated with 16 bits, those of QKeras in their
trained types. Exports are compared with Keras where single precision does not decide a step of a quantizer; the share
of all jets that are as close as the others stands beside it.
"""

import argparse
import tempfile

import numpy as np
from result import goal, write_result

from codesign import Design, Network, keras, load_dataset, quantize_network
from codesign.cli.json_option import add_json_option
from codesign.data import Dataset
from codesign.errors import EnvironmentSetupError
from codesign.export import CompiledNetwork
from codesign.export.agreement import compare
from codesign.export.formats import export_network, predict_exported
from codesign.export.load import load_source
from codesign.export.suffixes import SUFFIXES
from codesign.fpga.hls4ml.project import write_hls4ml_project
from codesign.network.activations import softmax
from codesign.train import FitSettings, fit_classifier

HIDDEN = (64, 32, 32)
_CLOSE = 1e-6
WEIGHTS = {"kernel_quantizer": "quantized_bits(6,0,alpha=1)", "bias_quantizer": "quantized_bits(6,0,alpha=1)"}
TAGGERS = {"part 1": (False, 0.0), "part 3": (False, 0.75), "part 4": (True, 0.75), "part 7": (True, 0.0)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=10, metavar="N", help="of each training (default: 10)")
    add_json_option(parser, "also write the rows and goals as JSON")
    options = parser.parse_args()
    data = load_dataset("jets_hlf").standardized()
    rows = [row(name, *kind, data, options.epochs) for name, kind in TAGGERS.items()]
    same = [100 * one["same_decision_as_keras"] for one in rows]
    goals = [
        goal("decisions equal to Keras's, worst tagger, %", min(same), ">=", 99.9),
        goal("events that differ from the C simulation", sum(one["csim_mismatches"] for one in rows), "==", 0),
        goal("largest |predict - Keras|", max(one["predict_difference"] for one in rows), "<=", 1e-5),
        goal("largest |export - Keras|, all formats", max(one["export_difference"] for one in rows), "<=", _CLOSE),
        goal(
            "jets on which every export is within 1e-6 of Keras, worst tagger, %",
            min(one["jets_within_1e_6_percent"] for one in rows),
            ">=",
            99.9,
        ),
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
        simulated = write_hls4ml_project(
            Design(fixed, implementation="hls4ml-latency", reuse_factor=1), folder
        ).simulate(x)
    decisions = outputs.argmax(1)
    return {
        "method": name,
        "accuracy_keras": float(np.mean(decisions == data.y_test)),
        "accuracy_emulated": float(np.mean(emulated.argmax(1) == data.y_test)),
        "same_decision_as_keras": float(np.mean(emulated.argmax(1) == decisions)),
        "csim_mismatches": int((simulated != emulated).any(1).sum()),
        "predict_difference": float(np.abs(softmax(network.predict(x)) - outputs).max()),
        **exports(model, x, outputs),
    }


def exports(model: keras.Model, x: np.ndarray, expected: np.ndarray) -> dict:
    """Write a tagger in every format, and compare what was written with Keras."""
    source = load_source(model)
    network = source.network
    found, close = {}, np.ones(len(x), bool)
    with tempfile.TemporaryDirectory() as folder:
        for to, suffix in SUFFIXES.items():
            path = f"{folder}/tagger{suffix}"
            try:
                export_network(network, path, to)
                compiled = CompiledNetwork(network, header=path) if to == "cpp" else None
                outputs = compiled.predict(x) if compiled else predict_exported(path, to, x)
            except EnvironmentSetupError:
                continue
            agreement = compare(network, x, outputs, to, source.reference)
            found[to] = agreement.difference
            close &= (np.abs(outputs - expected) <= _CLOSE).all(1)
    return {
        "export_formats": list(found),
        "export_difference": max(found.values()),
        "jets_on_a_step": agreement.n_left_out,
        "jets_within_1e_6_percent": 100 * float(close.mean()),
    }


def tagger(data: Dataset, *, quantised: bool) -> keras.Model:
    """16-64-32-32-5 with a softmax, as in the tutorial."""
    from qkeras import QActivation, QDense

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((data.n_features,))])
    for index, units in enumerate(HIDDEN, start=1):
        settings = {
            "name": f"fc{index}",
            "kernel_initializer": "lecun_uniform",
            "kernel_regularizer": keras.regularizers.l1(1e-4),
        }
        model.add(QDense(units, **WEIGHTS, **settings) if quantised else keras.layers.Dense(units, **settings))
        model.add(QActivation("quantized_relu(6)") if quantised else keras.layers.Activation("relu"))
    model.add(
        QDense(data.n_classes, name="output", **WEIGHTS)
        if quantised
        else keras.layers.Dense(data.n_classes, name="output")
    )
    model.add(keras.layers.Activation("softmax"))
    return model


if __name__ == "__main__":
    main()
