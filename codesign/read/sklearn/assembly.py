"""Assembly: the nodes of a network while estimators are read, one behind the other."""

from dataclasses import dataclass, field

import numpy as np

from codesign.errors import CodesignError
from codesign.network.ops import Activation, Affine, Concatenate, Dense, Op
from codesign.read.graph_builder import GraphBuilder, Value
from codesign.read.sklearn.estimator import Estimator

MOST_PARTS = 4096


@dataclass
class Assembly:
    """Nodes so far.

    Args:
        builder: of the network.
        assumed: sentences about what is left out.
    """

    builder: GraphBuilder = field(default_factory=GraphBuilder)
    assumed: list[str] = field(default_factory=list)

    def add(self, model: Estimator, op: Op, *values: Value) -> Value:
        """Add a node that is called after an estimator."""
        try:
            return self.builder.add(name_of(model), op, *values)
        except CodesignError as error:
            raise type(error)(f"{model.label}: {error}") from None

    def line(self, model: Estimator, value: Value, factor: object, offset: object) -> Value:
        """Add ``factor x + offset``, one number or one for each value."""
        self.check_width(model, value, np.size(factor), np.size(offset))
        factor, offset = (np.broadcast_to(np.asarray(one, np.float64), value.shape).copy() for one in (factor, offset))
        return self.add(model, Affine(factor, offset), value)

    def dense(self, model: Estimator, value: Value, kernel: np.ndarray, bias: object) -> Value:
        """Add ``x @ kernel + bias``."""
        self.check_width(model, value, kernel.shape[0])
        bias = np.broadcast_to(np.asarray(bias, np.float64), kernel.shape[1:]).copy()
        return self.add(model, Dense(kernel, bias), value)

    def function(self, model: Estimator, value: Value, name: str, **numbers: float) -> Value:
        """Add a function of each value, or a softmax."""
        return value if name == "linear" else self.add(model, Activation(name, **numbers), value)

    def joined(self, model: Estimator, values: list[Value]) -> Value:
        """Add values side by side."""
        return values[0] if len(values) == 1 else self.add(model, Concatenate(), *values)

    def check_width(self, model: Estimator, value: Value, *sizes: int) -> None:
        """Refuse constants for another number of values than one, or those that are there."""
        wrong = next((size for size in sizes if size not in (1, value.shape[0])), None)
        if wrong is not None:
            raise model.refusal(f"{wrong} values, for which it was fitted", value.shape[0])


def name_of(model: Estimator) -> str:
    """Return what the nodes of an estimator are called: the step, or its class in lower case."""
    word = model.where.rpartition("'")[0].rpartition("'")[2] or model.kind.lower()
    return "".join(letter if letter.isalnum() else "_" for letter in word)[:100]
