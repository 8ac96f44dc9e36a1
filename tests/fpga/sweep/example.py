"""A small network, its events and a grid for the tests of the sweep."""

import json

import numpy as np

from codesign.fpga.sweep.grid import Grid
from codesign.fpga.sweep.sweep import sweep
from codesign.network import DenseLayer, Network

REUSE_FACTORS = {"hls4ml-latency": (1, 2), "hls4ml-resource": (2, 6)}
GRID = Grid(weights=(3, 5), activations=(4, 6), reuse_factors=REUSE_FACTORS, adder_levels_per_stage=(2, 8))


class Counted(Network):
    """Counts its emulations in this process."""

    emulations = 0

    def emulate(self, x):
        type(self).emulations += 1
        return super().emulate(x)


def make_network(n_outputs=3, activation="linear", kind=Network):
    rng = np.random.default_rng(0)
    hidden = DenseLayer("hidden", rng.normal(size=(6, 12)) / 2, rng.normal(size=12) / 4, "relu")
    return kind.chain(
        (hidden, DenseLayer("output", rng.normal(size=(12, n_outputs)) / 3, rng.normal(size=n_outputs) / 4, activation))
    )


def make_data(network, n_events=400):
    """Events, and the float network's own decisions as labels."""
    x = np.random.default_rng(1).normal(size=(n_events, network.n_inputs))
    outputs = network.predict(x)
    if network.n_outputs > 1:
        return x, outputs.argmax(1)
    return x, (outputs[:, 0] > {"sigmoid": 0.5, "linear": 0.0}[network.layers[-1].activation]).astype(int)


def rows(designs):
    return [json.dumps(design.as_dict()) for design in designs]


def run(network, data, **options):
    return sweep(network, *data, GRID, progress=False, **options)
