"""Writes the golden ONNX files by the exporters themselves, with events and what the model gives: run by hand.

Needs torch, onnx, onnxruntime (and, for some, skl2onnx, brevitas, qonnx), which the default suite does not. The files
keras3_* are those of Keras 3.15, ``model.export(path, format="onnx")`` on its two back ends; qonnx_channels_last is the
convolution by qonnx 1.0, ``ConvertToChannelsLastAndClean``.
"""

import warnings
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "golden" / "onnx"


def save(name: str, x: np.ndarray, y: np.ndarray) -> None:
    """Write events and what the model gives."""
    np.savez_compressed(FOLDER / f"{name}.npz", x=x, y=y.reshape(len(x), -1))


def strip(path: Path) -> None:
    """Leave out where the exporter found each node: paths of a machine."""
    import onnx

    model = onnx.load(path)
    for one in (*model.graph.node, *model.graph.value_info, *model.graph.initializer, model.graph, model):
        one.ClearField("metadata_props")
        one.ClearField("doc_string")
    onnx.save(model, path)


def torch_models() -> dict:
    """Small networks of torch, and the shape of their events."""
    import torch
    from torch import nn

    from tests.read.onnx_torch import Attention

    class Last(nn.Module):
        def __init__(self, layer):
            super().__init__()
            self.layer = layer

        def forward(self, x):
            return self.layer(x)[0][:, -1]

    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second, self.last = nn.Linear(6, 8), nn.Linear(8, 8), nn.Linear(8, 3)
            self.norm = nn.BatchNorm1d(8)

        def forward(self, x):
            hidden = torch.relu(self.norm(self.first(x)))
            hidden = hidden + torch.tanh(self.second(hidden))
            hidden = torch.cat([hidden[:, :4], 2 * hidden[:, 4:]], 1)
            return torch.softmax(self.last(hidden), -1)

    class DeepSet(nn.Module):
        def __init__(self):
            super().__init__()
            self.phi, self.rho = nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 6)), nn.Linear(6, 2)

        def forward(self, x):
            return torch.sigmoid(self.rho(self.phi(x).mean(1)))

    class Flat(nn.Module):
        def __init__(self):
            super().__init__()
            self.dense = nn.Linear(12, 4)

        def forward(self, x):
            return nn.functional.leaky_relu(self.dense(x.transpose(1, 2).flatten(1)), 0.1)

    convolution = nn.Sequential(
        *(nn.Conv2d(1, 2, 3, padding=1), nn.BatchNorm2d(2), nn.ELU(), nn.MaxPool2d(2, ceil_mode=True)),
        *(nn.Conv2d(2, 4, 2, stride=2, groups=2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)),
    )
    unet = nn.Sequential(
        nn.Conv1d(2, 3, 3), nn.GELU(), nn.ConvTranspose1d(3, 2, 3, stride=2), nn.Upsample(scale_factor=2)
    )
    return {
        "residual": (Residual(), (6,)),
        "deep_set": (DeepSet(), (4, 3)),
        "transposed": (Flat(), (4, 3)),
        "convolution": (convolution, (1, 7, 7)),
        "unet": (unet, (2, 6)),
        "attention": (Attention(4), (3, 4)),
        "lstm": (Last(nn.LSTM(2, 3, batch_first=True, bidirectional=True)), (4, 2)),
        "gru": (Last(nn.GRU(2, 3, batch_first=True)), (4, 2)),
    }


def write_torch() -> None:
    """One file of each of torch's two exporters."""
    import torch

    torch.manual_seed(1)
    for name, (model, shape) in torch_models().items():
        model.eval()
        x = torch.randn(32, *shape)
        for kind in ("script", "dynamo"):
            path = FOLDER / f"torch_{name}_{kind}.onnx"
            if kind == "script":
                options = {"dynamo": False, "input_names": ["x"], "dynamic_axes": {"x": {0: "events"}}}
            else:
                options = {"dynamo": True, "external_data": False, "verbose": False}
            torch.onnx.export(model, (x[:1],), str(path), **options)
            strip(path)
            save(path.stem, x.numpy(), model(x).detach().numpy())


def write_brevitas() -> None:
    """QONNX and QDQ of a quantised network, its scales powers of two."""
    import brevitas.nn as qnn
    import torch
    from brevitas.export import export_onnx_qcdq, export_qonnx
    from brevitas.quant.fixed_point import (
        Int8ActPerTensorFixedPoint,
        Int8WeightPerTensorFixedPoint,
        Uint8ActPerTensorFixedPoint,
    )
    from torch import nn

    torch.manual_seed(2)
    weight, act, relu = (
        {"weight_quant": Int8WeightPerTensorFixedPoint, "weight_bit_width": 4},
        {"act_quant": Int8ActPerTensorFixedPoint, "bit_width": 6},
        {"act_quant": Uint8ActPerTensorFixedPoint, "bit_width": 4},
    )
    model = nn.Sequential(
        *(qnn.QuantIdentity(**act), qnn.QuantLinear(6, 8, bias=False, **weight), qnn.QuantReLU(**relu)),
        *(qnn.QuantLinear(8, 3, bias=False, **weight), qnn.QuantIdentity(**act)),
    )
    with torch.no_grad():
        for _ in range(4):
            model(torch.randn(64, 6))
    model.eval()
    x = torch.randn(32, 6)
    for kind, export in (("qonnx", export_qonnx), ("qcdq", export_onnx_qcdq)):
        path = FOLDER / f"brevitas_{kind}.onnx"
        export(model, args=x[:1], export_path=str(path), dynamo=False)
        strip(path)
        save(path.stem, x.numpy(), model(x).detach().numpy())


def write_sklearn() -> None:
    """A pipeline, and a forest, with labels and probabilities."""
    import onnxruntime
    from skl2onnx import to_onnx
    from sklearn.datasets import make_classification
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = make_classification(
        200, 5, n_informative=4, n_redundant=0, n_classes=3, n_clusters_per_class=1, random_state=3
    )
    x = x.astype(np.float32)
    models = {
        "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
        "forest": RandomForestClassifier(4, max_depth=3, random_state=0),
        "mlp": MLPRegressor(hidden_layer_sizes=(6,), max_iter=30, random_state=0),
    }
    for name, model in models.items():
        options = {"zipmap": False} if name != "mlp" else {}
        written = to_onnx(model.fit(x, y), x[:1], options={id(model): options} if options else None)
        path = FOLDER / f"sklearn_{name}.onnx"
        path.write_bytes(written.SerializeToString())
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        found = session.run(None, {session.get_inputs()[0].name: x[:32]})
        save(path.stem, x[:32], np.concatenate([np.asarray(one, np.float64).reshape(32, -1) for one in found], 1))


def write_static_quantisation() -> None:
    """ONNX Runtime's two forms of eight bits, of one of torch's files."""
    import onnxruntime
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class Events(CalibrationDataReader):
        def __init__(self, x):
            self.events = iter([{"x": one[np.newaxis]} for one in x])

        def get_next(self):
            return next(self.events, None)

    x = np.load(FOLDER / "torch_convolution_script.npz")["x"]
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    for kind in ("QDQ", "QOperator"):
        path = FOLDER / f"runtime_{kind}.onnx"
        source = str(FOLDER / "torch_convolution_script.onnx")
        how = {"quant_format": QuantFormat[kind], "per_channel": True, "activation_type": QuantType.QUInt8}
        quantize_static(source, str(path), Events(x), weight_type=QuantType.QInt8, **how)
        strip(path)
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        save(path.stem, x, session.run(None, {"x": x})[0])


def write_qonnx_convolutions() -> None:
    """A QKeras network of convolutions in its types as codesign writes it, with the integers that it gives."""
    from qkeras import QActivation, QConv2D, QDense

    from codesign import Network, quantize_network, write_qonnx
    from codesign._keras import keras

    keras.utils.set_random_seed(0)
    bits = {"kernel_quantizer": "quantized_bits(5,0,alpha=1)", "bias_quantizer": "quantized_bits(6,1,alpha=1)"}
    layers = [keras.Input((6, 5, 2)), QConv2D(3, 3, padding="same", **bits), QActivation("quantized_relu(5,1)")]
    layers += [keras.layers.MaxPooling2D(2), QConv2D(2, 2, **bits), QActivation("quantized_relu(5,1)")]
    model = keras.Sequential([*layers, keras.layers.Flatten(), QDense(3, **bits)])
    x = np.random.default_rng(0).integers(-32, 32, (64, 60)) / 16
    network = quantize_network(Network.from_keras(model), x, inputs="ap_fixed<6,2>")
    write_qonnx(network, FOLDER.parent / "qonnx" / "convolutions.onnx")
    np.savez_compressed(FOLDER.parent / "qonnx" / "convolutions.npz", x=x, y=network.emulate(x))


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    write_torch()
    write_brevitas()
    write_sklearn()
    write_static_quantisation()
    write_qonnx_convolutions()
