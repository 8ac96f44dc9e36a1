"""Write the skops files of ``golden/``, and what their estimators give for some events; it needs skops."""

from pathlib import Path

import numpy as np
import skops.io

from tests.read.sklearn.estimators import TEST, expected, fitted

GOLDEN = Path(__file__).parent / "golden"
NAMES = ("columns", "mlp two", "logistic three", "boosted", "forest two", "histograms", "products scaler", "vote")


def main():
    GOLDEN.mkdir(exist_ok=True)
    arrays = {"x": TEST[:10]}
    for name in NAMES:
        model, path = fitted(name), GOLDEN / f"{name.replace(' ', '_')}.skops"
        skops.io.dump(model, path, compression=8)
        arrays[path.stem] = expected(model, TEST[:10])
    np.savez_compressed(GOLDEN / "outputs.npz", **arrays)


if __name__ == "__main__":
    main()
