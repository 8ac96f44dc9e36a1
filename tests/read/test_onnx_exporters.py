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
        except (RuntimeError, ValueError):  # a window that does not fit
            continue
        is_dynamic, options = rng.random() < 0.7, {}
        if exporter == "dynamo":
            options = {"external_data": False, "verbose": False}
            if is_dynamic:
                options["dynamic_shapes"] = ({0: torch.export.Dim("events")},)
        elif is_dynamic:
            options = {"input_names": ["x"], "dynamic_axes": {"x": {0: "events"}}}
        sample = x[: 2 if is_dynamic else 1]
        try:
            torch.onnx.export(module, (sample,), str(path), dynamo=exporter == "dynamo", **options)
        except (torch.onnx.errors.OnnxExporterError, TypeError, ValueError):  # what the exporter itself lacks
            continue
        assert _difference(path, x.numpy(), expected) < 1e-5, module
        n_read += 1
    assert n_read > 80


def _sklearn_models():
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestRegressor
    from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, Normalizer, RobustScaler, StandardScaler

    scalers = (StandardScaler(), MinMaxScaler(), RobustScaler(), Normalizer("l1"))
    models = (
        *(LogisticRegression(), SGDClassifier(loss="log_loss"), MLPClassifier((6, 4), max_iter=20)),
        *(Ridge(), MLPRegressor(hidden_layer_sizes=(5,), max_iter=20, activation="tanh")),
        *(RandomForestRegressor(5, max_depth=4), GradientBoostingClassifier(n_estimators=5)),
    )
    return [make_pipeline(scaler, model) for scaler in scalers for model in models]


def test_scikit_learn_by_skl2onnx(tmp_path):
    skl2onnx, runtime = pytest.importorskip("skl2onnx"), pytest.importorskip("onnxruntime")
    from sklearn.base import is_classifier
    from sklearn.datasets import make_classification

    x, y = make_classification(200, 6, n_informative=5, n_redundant=0, n_classes=3, random_state=1)
    x, path = x.astype(np.float32), tmp_path / "model.onnx"
    for model in _sklearn_models():
        model.fit(x, y)
        options = {id(model): {"zipmap": False}} if is_classifier(model) else None
        path.write_bytes(skl2onnx.to_onnx(model, x[:1], options=options).SerializeToString())
        session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        given = session.run(None, {session.get_inputs()[0].name: x})
        expected = np.concatenate([np.asarray(one, float).reshape(len(x), -1) for one in given], 1)
        assert _difference(path, x, expected) < 1e-5, model


def _qonnx_model(onnx, rng):
    """A random chain of quantised products; scales are powers of two, so that single precision is exact."""
    nodes, tensors = [], []

    def constant(values):
        name = f"c{len(tensors)}"
        tensors.append(onnx.numpy_helper.from_array(np.asarray(values, np.float32), name))
        return name

    def step(operation, *inputs, **attributes):
        nodes.append(onnx.helper.make_node(operation, inputs, [f"v{len(nodes)}"], **attributes))
        return f"v{len(nodes) - 1}"

    def quant(value, channels=()):
        domain = "qonnx.custom_op.general"
        scale = np.exp2(rng.integers(-5, 1, channels if rng.random() < 0.3 else ()))
        if rng.random() < 0.1:
            return step("BipolarQuant", value, constant(scale), domain=domain)
        flags = {"signed": int(rng.random() < 0.8), "narrow": int(rng.random() < 0.3)}
        modes = ("ROUND", "FLOOR", "CEIL", "UP", "DOWN", "HALF_UP", "HALF_DOWN")
        flags["rounding_mode"] = str(rng.choice(modes))
        bits = float(rng.integers(2, 9))
        return step("Quant", value, constant(scale), constant(0), constant(bits), domain=domain, **flags)

    n_inputs = size = int(rng.integers(2, 8))
    value = quant("x", (size,))
    for _ in range(rng.integers(1, 4)):
        n_out = int(rng.integers(2, 7))
        value = step("MatMul", value, quant(constant(rng.normal(size=(size, n_out))), (n_out,)))
        value = step("Relu", value) if rng.random() < 0.5 else value
        value, size = quant(value, (n_out,)), n_out
    ends = [onnx.helper.make_tensor_value_info(*end) for end in (("x", 1, [1, n_inputs]), (value, 1, [1, size]))]
    graph = onnx.helper.make_graph(nodes, "g", ends[:1], ends[1:], tensors)
    opsets = [onnx.helper.make_opsetid("", 13), onnx.helper.make_opsetid("qonnx.custom_op.general", 1)]
    return onnx.helper.make_model(graph, opset_imports=opsets, ir_version=9), n_inputs, value


def test_qonnx_to_the_bit(tmp_path):
    onnx = pytest.importorskip("onnx")
    wrapper = pytest.importorskip("qonnx.core.modelwrapper")
    from qonnx.core.onnx_exec import execute_node
    from qonnx.transformation.infer_shapes import InferShapes

    rng, path = np.random.default_rng(2), tmp_path / "model.onnx"
    for number in range(100):
        model, n_inputs, output = _qonnx_model(onnx, rng)
        onnx.save(model, path)
        x, context = rng.normal(size=(16, n_inputs)).astype(np.float32), {}
        graph = wrapper.ModelWrapper(str(path)).transform(InferShapes()).graph
        context = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer} | {"x": x}
        for node in graph.node:
            if node.op_type in ("MatMul", "Relu"):
                given = [context[name] for name in node.input]
                context[node.output[0]] = given[0] @ given[1] if node.op_type == "MatMul" else np.maximum(given[0], 0)
            else:
                context |= dict.fromkeys(node.output)
                execute_node(node, context, graph, 1)
        found = read_file(path).network.predict(x)
        assert np.array_equal(found.astype(np.float32), context[output]), number


def test_static_quantisation_of_onnx_runtime(tmp_path):
    """Codes are the same but where single precision rounds a sum to the other side of a half."""
    torch, runtime = pytest.importorskip("torch"), pytest.importorskip("onnxruntime")
    quantization = pytest.importorskip("onnxruntime.quantization")
    from tests.read.onnx_torch import events, random_module

    class Events(quantization.CalibrationDataReader):
        def __init__(self, x):
            self.events = iter([{"x": one[np.newaxis]} for one in x])

        def get_next(self):
            return next(self.events, None)

    options = runtime.SessionOptions()
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    rng, equal, n_events = np.random.default_rng(4), 0, 0
    for number in range(30):
        module, shape = random_module(rng)
        x, paths = events(rng, shape).numpy(), [tmp_path / f"{number}_{name}.onnx" for name in ("float", "codes")]
        kind = quantization.QuantFormat.QDQ if rng.random() < 0.5 else quantization.QuantFormat.QOperator
        try:
            how = {"input_names": ["x"], "dynamic_axes": {"x": {0: "events"}}, "opset_version": 17}
            torch.onnx.export(module, (torch.from_numpy(x[:2]),), str(paths[0]), dynamo=False, **how)
            quantization.quantize_static(*map(str, paths), Events(x), quant_format=kind, per_channel=rng.random() < 0.5)
            session = runtime.InferenceSession(str(paths[1]), options, providers=["CPUExecutionProvider"])
        except (RuntimeError, ValueError):  # what torch or the quantiser does not export
            continue
        expected = session.run(None, {"x": x})[0].reshape(len(x), -1)
        found = read_file(paths[1]).network.predict(x.reshape(len(x), -1))
        equal += (np.abs(found - expected) < 1e-5).all(1).sum()
        n_events += len(x)
    assert n_events > 300
    assert equal > 0.98 * n_events
