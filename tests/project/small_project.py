"""What small projects of tests are made of: 4 features, 3 classes, a saved network, 240 events."""

import numpy as np

from codesign.network import DenseLayer, Network


def write_events_and_network(folder):
    """Write events.npz and tagger.json."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 240)
    x = rng.normal(size=(240, 4)) + 2 * np.eye(3, 4)[y]
    np.savez(folder / "events.npz", x_train=x[:120], y_train=y[:120], x_test=x[120:], y_test=y[120:])
    layers = [DenseLayer("fc", np.eye(4, 5), np.zeros(5), "relu"), DenseLayer("out", np.eye(5, 3), np.zeros(3))]
    Network.chain(layers).save(folder / "tagger.json")
