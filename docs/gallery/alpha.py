#!/usr/bin/env python3
"""What alpha does to a weight in QKeras: python docs/gallery/alpha.py [PICTURE.png]"""

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from codesign import keras  # noqa: F401  # chooses Keras 2 before QKeras is imported

KINDS = {1: "alpha=1: ap_fixed<4,1>", "auto_po2": 'alpha="auto_po2"', "auto": 'alpha="auto"'}


def main(picture: Path) -> None:
    """Draw three quantizers of 4 bits, on weights between -1.7 and 1.7."""
    from qkeras import quantized_bits

    weights = np.linspace(-1.7, 1.7, 801, dtype=np.float32)[:, None]  # one unit: its scale follows the largest weight
    figure, axes = plt.subplots(figsize=(5, 3.6), layout="constrained")
    axes.plot(weights, weights, color="0.8", label="as trained")
    for alpha, label in KINDS.items():
        axes.plot(weights, np.asarray(quantized_bits(4, 0, alpha=alpha)(weights)), label=label, linewidth=1.2)
    axes.set(xlabel="weight", ylabel="weight in the network")
    axes.legend(frameon=False, fontsize=8)
    figure.savefig(picture, dpi=90)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_suffix(".png"))
