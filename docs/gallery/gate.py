#!/usr/bin/env python3
"""How TopKGate chooses, epoch by epoch: python docs/gallery/gate.py [PICTURE.png]"""

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from codesign import GateSchedule, TopKGate, keras

EPOCHS, FEATURES, INFORMATIVE = 24, 12, 4


def main(picture: Path) -> None:
    """Train on events of which four features in twelve say something, and draw which pass the gate."""
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(4000, FEATURES)).astype(np.float32)
    y = (x[:, :INFORMATIVE].sum(1) + np.random.default_rng(1).normal(size=len(x)) > 0).astype(np.float32)
    gate = TopKGate(INFORMATIVE)
    layers = [gate, keras.layers.Dense(16, "relu"), keras.layers.Dense(1, "sigmoid")]
    model = keras.Sequential([keras.Input((FEATURES,)), *layers])
    model.compile(keras.optimizers.Adam(0.005), "binary_crossentropy")
    scores = []
    watch = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: scores.append(gate.scores.numpy()))
    model.fit(x, y, epochs=EPOCHS, batch_size=256, verbose=0, callbacks=[GateSchedule(), watch])
    figure, axes = plt.subplots(figsize=(5, 3.2), layout="constrained")
    for feature, course in enumerate(np.transpose(scores)):
        chosen = gate.get_support()[feature]
        axes.plot(course, color="C0" if chosen else "0.75", linewidth=1.6 if chosen else 0.9, zorder=1 + chosen)
        axes.annotate(f"x{feature}", (EPOCHS - 1, course[-1]), xytext=(3, 0), textcoords="offset points", fontsize=7)
    axes.set(xlabel="epoch", ylabel="score of the feature", title="blue: the four that pass in the end")
    axes.title.set_fontsize(9)
    figure.savefig(picture, dpi=90)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_suffix(".png"))
