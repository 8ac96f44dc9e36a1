"""Networks of other people's libraries, exported by these, against their own outputs.

Needs packages that the default suite does not: each test is skipped by the name of what is missing.
"""

import warnings

import numpy as np
import pytest

from codesign.read import read_file

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _difference(path, x, expected):
    found = read_file(path).network.predict(x.reshape(len(x), -1))
    expected = expected.reshape(len(x), -1)
    return np.abs(found - expected).max() / max(1.0, np.abs(expected).max())


@pytest.mark.parametrize("exporter", ["script", "dynamo"])
def test_random_networks_of_torch(tmp_path, exporter):
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnxscript")
    from tests.read.onnx_torch import events, random_module

    torch.set_num_threads(1)
    rng, n_read = np.random.default_rng(15), 0
    for number in range(100):
        module, shape = random_module(rng)
        x, path = events(rng, shape), tmp_path / f"{number}.onnx"
        try:
            with torch.no_grad():
                expected = module(x).numpy()
        except RuntimeError:  # a window that does not fit
            continue
        is_dynamic, options = rng.random() < 0.7, {}
        if exporter == "dynamo":
            options = {"external_data": False, "verbose": False}
            if is_dynamic:
                options["dynamic_shapes"] = ({0: torch.export.Dim("events")},)
        elif is_dynamic:
            options = {"input_names": ["x"], "dynamic_axes": {"x": {0: "events"}}}
        sample = x[: 2 if is_dynamic else 1]
        torch.onnx.export(module, (sample,), str(path), dynamo=exporter == "dynamo", **options)
        assert _difference(path, x.numpy(), expected) < 1e-5, module
        n_read += 1
    assert n_read > 80
