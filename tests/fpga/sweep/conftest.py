"""The example of the sweep, and what it gives."""

from dataclasses import replace

import numpy as np
import pytest

from codesign.fpga.design.design import binomial_error
from codesign.fpga.estimate.estimate import estimate
from codesign.metrics import find_metric
from codesign.network import quantize_network
from tests.fpga.sweep.example import GRID, make_data, make_network, rows


@pytest.fixture(scope="module")
def network():
    return make_network()


@pytest.fixture(scope="module")
def data(network):
    return make_data(network)


@pytest.fixture(scope="module")
def expected(network, data):
    """Every design on its own: the oracle of the sweep."""
    x, y = data
    found = []
    for weights in (3, 5):
        for activations in (4, 6):
            quantized = quantize_network(network, x, weights=weights, activations=activations)
            accuracy = float(np.mean(quantized.emulate(x).argmax(1) == y))
            for setting in GRID.hardware_settings():
                metrics = {"accuracy": find_metric("accuracy").evaluate(quantized.emulate(x), y)}
                assert metrics["accuracy"].error == pytest.approx(binomial_error(accuracy, len(x)))
                design = setting.design(quantized, f"w{weights} a{activations}")
                design = replace(design, accuracy=accuracy, events=len(x), metrics=metrics)
                found.append(design.with_report(estimate(design)))
    return rows(found)
