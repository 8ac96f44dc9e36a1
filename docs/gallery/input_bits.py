#!/usr/bin/env python3
"""How many decisions change with the bits of the inputs: python docs/gallery/input_bits.py [PICTURE.png]"""

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from codesign import Network, keras, load_dataset, quantize_network

BITS = range(4, 15)


def main(picture: Path) -> None:
    """Train a float network, give its inputs few bits, and count the events it decides otherwise."""
    keras.utils.set_random_seed(0)
    data, held = load_dataset("jets_hlf").standardized().hold_out()
    layers = [keras.layers.Dense(units, "relu") for units in (32, 16)] + [keras.layers.Dense(5)]
    model = keras.Sequential([keras.Input((16,)), *layers])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(data.x_train, data.y_train, batch_size=512, epochs=3, verbose=0)
    network = Network.from_keras(model)
    trained = network.predict(held.x).argmax(1)
    figure, axes = plt.subplots(figsize=(5, 3.2), layout="constrained")
    for hidden in (8, 10, 16):
        built = [quantize_network(network, data.x_train, weights=16, activations=hidden, inputs=bits) for bits in BITS]
        other = [np.mean(each.emulate(held.x).argmax(1) != trained) for each in built]
        axes.plot(BITS, other, marker="o", markersize=3, label=f"{hidden} bits of the activations")
    axes.set(xlabel="bits of each input", ylabel="share of other decisions", yscale="log")
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(picture, dpi=90)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_suffix(".png"))
