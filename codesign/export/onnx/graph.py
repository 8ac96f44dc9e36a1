"""OnnxGraph: the nodes and constants of an ONNX graph, one by one."""

import importlib
from types import ModuleType

import numpy as np

from codesign.errors import EnvironmentSetupError
from codesign.extras import EXTRAS
from codesign.network.ops import Shape


class OnnxGraph:
    """Nodes in order, and constants by name.

    Attributes:
        nodes: of ONNX.
        constants: by name.
        shapes: by the name of a value of the network, events not counted.
    """

    def __init__(self, shapes: dict[str, Shape]) -> None:
        self.shapes = shapes
        self.nodes: list[object] = []
        self.constants: dict[str, np.ndarray] = {}
        self._helper = require_onnx("onnx").helper
        self._prefix = ""

    def begin(self, name: str) -> None:
        """What follows is of this node of the network."""
        self._prefix = name

    def step(self, operation: str, *operands: str | np.ndarray, **attributes: object) -> str:
        """Append an operation on values, by name, and constants; return the name of what it gives."""
        result = f"{self._prefix}/{len(self.nodes)}"
        names = [one if isinstance(one, str) else f"{result}/{index}" for index, one in enumerate(operands)]
        self.constants |= {name: one for name, one in zip(names, operands) if not isinstance(one, str)}
        self.nodes.append(self._helper.make_node(operation, names, [result], result, **attributes))
        return result

    def name_outputs(self, outputs: dict[str, str], given: set[str]) -> None:
        """Give values the names of outputs; one that is an input, or another output too, is copied.

        Args:
            outputs: the value that is each output.
            given: names of inputs.
        """
        renamed: dict[str, str] = {}
        for output, value in outputs.items():
            if value not in given and renamed.setdefault(value, output) == output:
                continue
            self.nodes.append(self._helper.make_node("Identity", [value], [output], output))
        for node in self.nodes:
            for names in (node.input, node.output):
                for index, name in enumerate(names):
                    names[index] = renamed.get(name, name)


def require_onnx(package: str) -> ModuleType:
    """Return onnx or onnxruntime.

    Raises:
        EnvironmentSetupError: where it is missing; it says what to install.
    """
    try:
        return importlib.import_module(package)
    except ImportError:
        raise EnvironmentSetupError(
            f"{package}: expected the package for ONNX files. It is missing: {EXTRAS['onnx'].install_hint}"
        ) from None
