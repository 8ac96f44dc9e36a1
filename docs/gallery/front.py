#!/usr/bin/env python3
"""Accuracy against LUTs of every precision and implementation of a sweep: python docs/gallery/front.py [PICTURE.png]"""

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from codesign import Grid, Network, keras, load_dataset, sweep

MARKS = {"unrolled": "o", "hls4ml-latency": "s", "hls4ml-resource": "^"}


def main(picture: Path) -> None:
    """Train a float network for half a minute, sweep it, and draw each design."""
    keras.utils.set_random_seed(0)
    data, held = load_dataset("b_decay").standardized().hold_out()
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(2)])
    model.compile(keras.optimizers.Adam(0.005), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(data.x_train, data.y_train, epochs=10, verbose=0)
    widths = dict(weights=(3, 4, 5, 6, 8), activations=(4, 6, 8, 10))
    grid = Grid(**widths, reuse_factors={"hls4ml-resource": (2, 4, 8)}, adder_levels_per_stage=(3,))
    designs = sweep(Network.from_keras(model), held.x, held.y, grid, jobs=1, progress=False)
    figure, axes = plt.subplots(figsize=(5, 3.6), layout="constrained")
    for implementation, mark in MARKS.items():
        chosen = [design for design in designs if design.implementation == implementation]
        points = [(design.report.lut, design.accuracy) for design in chosen]
        axes.scatter(*zip(*points), marker=mark, s=14, label=implementation)
    axes.set(xlabel="LUT, estimated", ylabel="accuracy on events held out", xscale="log")
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(picture, dpi=90)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_suffix(".png"))
