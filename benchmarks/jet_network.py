"""The network and the events that the benchmarks share: a 16-64-32-32-5 tagger on jets_hlf, trained once and kept."""

from pathlib import Path

from codesign.data import Dataset, load_dataset
from codesign.network import Network

CACHE = Path(__file__).parent / "build" / "jet_network.json"


def jet_network() -> tuple[Network, Dataset]:
    """Return a trained 6-bit QKeras network, pruned to 70 % zeros, and the standardised jets."""
    data = load_dataset("jets_hlf").standardized()
    if not CACHE.exists():
        from codesign.train import FitSettings, build_qmlp, fit_classifier

        model = build_qmlp(data.n_features, (64, 32, 32), data.n_classes, weight_bits=6)
        model = fit_classifier(model, data, FitSettings(epochs=20, sparsity=0.7), label="benchmark network")
        CACHE.parent.mkdir(exist_ok=True)
        Network.from_keras(model).save(CACHE)
    return Network.load(CACHE), data
