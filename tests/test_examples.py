"""Every public name has an example, and every example in a docstring of the package runs."""

import doctest
import importlib
from pathlib import Path

import pytest

import codesign
from codesign import keras

ROOT = Path(codesign.__file__).parent
FILES = [path.relative_to(ROOT).as_posix() for path in sorted(ROOT.rglob("*.py")) if ">>> " in path.read_text()]
SLOW = {
    "drone/train_drone.py",
    "estimators/classifier.py",
    "estimators/regressor.py",
    "handover/build.py",
    "layers/posterior/dense.py",
    "layers/tables/table_sum.py",
    "methods/run.py",
    "posterior/collapse.py",
    "posterior/collapse_schedule.py",
    "posterior/collapse_to_budget.py",
    "posterior/front/train.py",
    "posterior/lut_budget.py",
    "project/run.py",
    "train/magnitude_pruning.py",
    "train/schedules/cost_schedule.py",
    "train/schedules/gate_schedule.py",
}
NEEDS = {"export/onnx/file.py": "onnx", "export/onnx/qonnx.py": "onnx"}
NOT_OURS = {"__version__", "keras"}


@pytest.mark.parametrize("file", [pytest.param(file, marks=pytest.mark.slow if file in SLOW else ()) for file in FILES])
def test_examples_run(file, tmp_path, monkeypatch):
    if file in NEEDS:
        pytest.importorskip(NEEDS[file])
    monkeypatch.chdir(tmp_path)
    name = ".".join(("codesign", *Path(file).with_suffix("").parts)).removesuffix(".__init__")
    module = importlib.import_module(name)
    found = [test for test in doctest.DocTestFinder().find(module, name) if test.examples]
    assert found, "no docstring holds the example"
    for test in found:
        keras.utils.set_random_seed(0)
        assert doctest.DocTestRunner().run(test).failed == 0, test.name


def test_every_public_name_has_an_example_that_is_run():
    parser = doctest.DocTestParser()
    examples = {name: parser.get_examples(getattr(codesign, name).__doc__ or "") for name in codesign.__all__}
    without = [name for name, found in examples.items() if not any(not each.options for each in found)]
    assert set(without) == NOT_OURS
