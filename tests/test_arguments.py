"""Whatever comes in at the front door: every public name with every wrong kind of argument."""

import functools
import inspect
import json
import math
import warnings
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

import codesign
from codesign import CodesignError
from codesign._arguments import check_type
from codesign.errors import ConfigError, EnvironmentSetupError

GOLDEN = Path(__file__).parent / "forests" / "golden"
NUMBERS = (float("nan"), float("inf"), -1, True, 1e30, 10**30, 1 + 2j)
BAD = (*NUMBERS, None, "abc", b"x", [], {}, object(), np.array(["a"]), [[1], [2, 3]])
TRAINS = {"as_teacher", "measure_fidelity", "train_designs", "train_drone", "train_front"}
SLOW = {*TRAINS, "run_project", "build_design", "time_networks", "write_tflite"}  # where nothing is wrong
NO_CALL = {"__version__", "keras", "CodesignError", "Front"}  # Front: train_designs makes it


class Calls:
    """One call that works of every public name, cheap to make: (positional arguments, keywords)."""

    def __init__(self, folder) -> None:
        self.folder = folder
        rng = np.random.default_rng(0)
        self.x, self.y = rng.normal(size=(40, 2)).astype(np.float32), np.arange(40) % 2
        self.layer = codesign.DenseLayer("out", [[0.5, -1.0], [0.25, 2.0]], [0.0, 0.5])
        self.network = codesign.Network.chain((self.layer,))
        self.fixed = codesign.quantize_network(self.network, self.x, weights=4, activations=6)
        self.design = codesign.Design(self.fixed, accuracy=0.9)
        self.design = self.design.with_report(codesign.estimate(self.design))
        self.report = codesign.DesignReport("estimate", lut=10, latency_cycles=2, clock_target_ns=5.0)
        (folder / "abc").write_text("a file of the user, where the wrong text is taken for a path")
        (folder / "report.json").write_text(json.dumps(self.report.as_dict()))

    def saved(self, network):
        network.save(self.folder / "network.json")
        return self.folder / "network.json"

    @functools.cached_property
    def model(self):
        keras = codesign.keras
        return keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, activation="softmax")])

    @functools.cached_property
    def ensemble(self):
        settings = codesign.EnsembleSettings(members=2, hidden=(2,), epochs=1)
        return codesign.Ensemble.train(self.x, self.y, settings=settings).model

    @functools.cached_property
    def compiled(self):
        model = codesign.keras.Sequential([codesign.keras.Input((2,)), codesign.keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        return model

    @functools.cached_property
    def noisy(self):
        keras = codesign.keras
        return keras.Sequential([keras.Input((2,)), codesign.PosteriorDense(2, input_precision="ap_fixed<8,4>")])

    @functools.cached_property
    def model_path(self):
        codesign.save_model(self.model, self.folder / "model.keras")
        return self.folder / "model.keras"

    def of(self, name):
        kernel, bias = self.layer.kernel, self.layer.bias
        fixed = codesign.FixedPoint(8, 3)
        data = (self.x, self.y, self.x, self.y, ("a", "b"), ("0", "1"))
        out = self.folder / "out"
        return {
            "Network": (self.network.nodes, self.network.inputs, self.network.outputs),
            "Input": ("x", (2,), fixed),
            "Node": ("twice", codesign.network.ops.Add(), ("x", "x"), fixed),
            "DenseLayer": ("out", kernel, bias, "relu", None, None),
            "LayerPrecision": (fixed, fixed, fixed, fixed, fixed, fixed, 1024),
            "FixedPoint": (8, 3, True, "TRN", "WRAP"),
            "quantize_network": (self.network, self.x),
            "Dataset": data,
            "Words": (("a", "b"), (8, 8), (True, True), (0.1, 0.1), (4, 4), (0.0, 0.0), (0, 0), 40),
            "DetectorWords": (codesign.Words.find(self.x, ("a", "b")),),
            "FpgaClassifier": (),
            "FpgaRegressor": (),
            "load_dataset": ("b_decay",),
            "VariationalDense": (3,),
            "PosteriorDense": (3,),
            "TopKGate": (1,),
            "TernaryDense": (3,),
            "TableSum": (1, [(0, 0.5)], [[0]], [0]),
            "CancelOut": (),
            "ColliderAugmentation": (["a", "b", "c"], {"v": ("a", "b", "c")}),
            "ColliderFeatures": (["a", "b", "c"], {"v": ("a", "b", "c")}),
            "FillMissing": ([1.0, 2.0],),
            "ColliderVectors": (("a", "b", "c"), {"v": ("a", "b", "c")}, {}, -999.0),
            "EnsembleClassifier": (),
            "CostSchedule": (1e-6,),
            "Ensemble": (self.ensemble,),
            "EnsembleSettings": (2, (4,), "relu", False, 1, 0.3, 1e-2, 16, None, (), 3),
            "FastGeometricEnsembling": ((1e-4, 1e-2),),
            "CosineWarmRestarts": (1e-2,),
            "OneCycle": (1e-2,),
            "SnapshotEnsemble": (2,),
            "WeightAveraging": (2,),
            "ensemble_of": ([self.model, self.model], [1.0, 2.0]),
            "lr_range_test": (self.compiled, (self.x, self.y)),
            "dense_block": (codesign.keras.Input((2,)), 2, 2, "relu"),
            "embed_columns": (codesign.keras.Input((2,)), ("a", "b"), {"a": (3, 2)}),
            "GateSchedule": (),
            "KLSchedule": (),
            "copy_weights": (self.model, self.model),
            "load_model": (self.model_path,),
            "prune_by_magnitude": (self.model, 0.5),
            "save_model": (self.model, out / "model.keras"),
            "CollapseSchedule": (self.x,),
            "shrink": (self.model,),
            "strip": (self.model,),
            "as_teacher": (self.model,),
            "measure_fidelity": (lambda x: x[:, 0] * 0, self.model, self.x, self.y),
            "train_drone": (lambda x: x[:, 0] * 0, self.x),
            "load_network": (self.saved(self.network),),
            "inspect_file": (self.saved(self.network), self.x),
            "from_xgboost": (GOLDEN / "xgboost.json", fixed),
            "from_lightgbm": (GOLDEN / "lightgbm.txt", fixed),
            "from_sklearn": (DecisionTreeClassifier().fit(self.x, self.y), fixed),
            "export_model": (self.network, out / "model.json"),
            "write_cpp": (self.network, out / "network.hpp"),
            "write_cpp_integer": (self.fixed, out / "integers.hpp"),
            "write_json": (self.network, out / "network.json"),
            "write_keras3": (self.network, out / "network.keras"),
            "write_qonnx": (self.network, out / "network.onnx"),
            "write_onnx": (self.network, out / "network.onnx"),
            "write_tflite": (self.network, out / "network.tflite"),
            "time_networks": ({"a": self.network},),
            "Budget": (1000.0, 1, 1000, 1000, 10, 10, 0.5),
            "CollapseToBudget": (1000.0, self.x),
            "Design": (self.fixed, "unrolled", 1, 5.0, "xcvu13p-flga2577-2-e", 3, "w4", 0.9, self.report, 40, None),
            "DesignReport": ("estimate", "", "", "", 1, 1, 1, 1, 1, 1, 1, 1, 5.0, 4.0, {}, {}),
            "Grid": ((4,), (6,), (6,), (1,), ("unrolled",), (3,), 5.0, "xcvu13p-flga2577-2-e", None),
            "LutBudget": (1000.0, self.x),
            "collapse": (self.noisy, self.x),
            "estimate": (self.design,),
            "pick": ([self.design], codesign.Budget(lut=10**6)),
            "refine_network": (self.fixed, self.x, np.eye(2)[self.y]),
            "search": (self.network, self.x, self.y, codesign.Grid((4,), (6,), implementations=("unrolled",))),
            "sweep": (self.network, self.x, self.y, codesign.Grid((4,), (6,), implementations=("unrolled",))),
            "build_design": (self.design, out / "build", self.x),
            "train_designs": (codesign.Dataset(*data), codesign.Budget(lut=1000)),
            "train_front": (self.noisy, self.x, self.y),
            "TrainingSearch": (5, (1, 2), (4, 8), (1e-6, 1e-4), "tpe"),
            "compare_reports": ({"a": self.report},),
            "input_bits_report": (self.noisy,),
            "parse_report": (self.folder / "report.json",),
            "run_project": (self.folder,),
            "Runner": (1,),
        }[name]

    def keywords(self, name):
        return {
            "FillMissing": {"missing": -999.0},
            "lr_range_test": {"batch_size": 4},
            "prune_by_magnitude": {"steps": 10},
            "quantize_network": {"weights": 4, "activations": 6},
            "search": {"jobs": 1, "progress": False, "designs": 1, "method": "descent"},
            "sweep": {"jobs": 1, "progress": False},
            "refine_network": {"max_trials": 1, "sweeps": 1},
            "train_front": {"epochs": 1, "settle_epochs": 1, "collapse_epochs": 1, "progress": False},
            "train_drone": {"max_epochs": 1, "fine_tune_iterations": 0, "progress": False},
            "time_networks": {"batches": (1,), "repeats": 1, "runtimes": ("numpy",)},
        }.get(name, {})


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    return Calls(tmp_path_factory.mktemp("front_door"))


def keyword_names(function, options):
    parameters = inspect.signature(function).parameters.values()
    return sorted({one.name for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY} | set(options))


def wrong_calls(calls, name):
    """Yield (what is wrong, arguments, keywords): of a call that works one argument is replaced at a time."""
    given, options = calls.of(name), calls.keywords(name)
    for bad in BAD:
        for place in range(len(given)):
            yield f"argument {place} = {bad!r}", (*given[:place], bad, *given[place + 1 :]), options
        for keyword in keyword_names(getattr(codesign, name), options) if name not in SLOW else ():
            yield f"{keyword} = {bad!r}", given, options | {keyword: bad}


@pytest.mark.parametrize("name", sorted(set(codesign.__all__) - NO_CALL - SLOW))
def test_the_calls_work_as_they_are(calls, name, monkeypatch):
    monkeypatch.chdir(calls.folder)
    try:
        getattr(codesign, name)(*calls.of(name), **calls.keywords(name))
    except EnvironmentSetupError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("name", sorted(set(codesign.__all__) - NO_CALL))
def test_a_wrong_argument_is_one_line_or_right(calls, name, monkeypatch, capfd):
    monkeypatch.chdir(calls.folder)
    wrong = []
    for what, given, options in wrong_calls(calls, name):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                getattr(codesign, name)(*given, **options)
        except CodesignError as error:
            if "\n" in str(error) or not str(error) or len(str(error)) > 700:
                wrong.append(f"{what}: {error}")
        except Exception as error:
            wrong.append(f"{what}: {type(error).__name__}: {error}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "kind, right, wrong",
    [
        (int, [0, -3, np.int32(5)], [1.0, True, 10**30, "1", np.array(1), None]),
        (float, [0, 2.5, np.float32(1), math.inf], [True, "1", 10**400, 1j, None]),
        (bool, [True, np.bool_(False)], [0, 1, "yes", None]),
        (str | PathLike, ["a", Path("b")], ["", 1, b"a", "a\0b", None]),
        (np.ndarray, [[1, 2], [[1.0]], np.ones(3)], [None, "ab", [[1], [2, 3]], 5, {}, [object()]]),
        (Sequence[int], [[], [1], (2,), np.arange(3), range(4)], ["12", [1.5], {1: 2}, 3, None, iter([1])]),
        (tuple[float, float], [(1, 2), [0.5, 3]], [(1,), (1, 2, 3), (1, "2"), 1]),
        (Mapping[str, int], [{}, {"a": 1}], [{"a": "b"}, {1: 1}, [("a", 1)], None]),
        (int | None, [None, 3], [True, "3"]),
        ("keras.Model", [None, 3], []),
    ],
)
def test_a_signature_says_what_is_taken(kind, right, wrong):
    for value in right:
        check_type(value, kind, "argument")
    for value in wrong:
        with pytest.raises(ConfigError, match="argument: expected .*. Received: "):
            check_type(value, kind, "argument")


def test_a_missing_argument_stays_a_type_error():
    for call in (codesign.pick, codesign.Network, codesign.load_dataset):
        with pytest.raises(TypeError, match="missing"):
            call()
