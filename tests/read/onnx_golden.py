"""Writes the golden ONNX files by the exporters themselves, with events and what the model gives: run by hand.

Needs torch, onnx, onnxruntime (and, for some, skl2onnx, brevitas, qonnx), which the default suite does not.
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

    return {"residual": (Residual(), (6,)), "deep_set": (DeepSet(), (4, 3)), "transposed": (Flat(), (4, 3))}


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


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    write_torch()
