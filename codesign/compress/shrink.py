"""Make a network physically smaller by what is dead in it, exactly."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from codesign._keras import keras
from codesign.compress.dead_units import LiveUnits, PlainLayer, find_live_units
from codesign.compress.fold import fold_gates
from codesign.compress.model_size import ModelSize, ShrinkReport
from codesign.compress.shrunk_model import ShrunkModel
from codesign.compress.steps import DenseStep, OtherStep, Step, build_steps, read_steps
from codesign.errors import UnsupportedLayerError


def shrink(model: keras.Model) -> ShrunkModel:
    """Remove features and units that nothing reads, and constant units, which are folded into the next bias.

    The model is stripped first. Predictions stay the same to rounding, of single precision, of the folded sums; a
    constant that a bias quantizer cannot hold stays a unit, so that quantised networks stay the same to the bit.

    Args:
        model: chain of layers, trained.

    Raises:
        UnsupportedLayerError: as :func:`strip`; for layers between dense ones that mix units; or a kernel quantizer
            whose scale depends on what is removed (use alpha=1).
    """
    steps = fold_gates(read_steps(model))
    stages = _Stages(steps)
    live = stages.live_units()
    kept = stages.without_dead(live)
    small = build_steps(kept, len(live.kept[0]), model.name)
    features = tuple(int(feature) for feature in live.kept[0])
    report = ShrinkReport(stages.size(live), measure_size(small), features)
    return ShrunkModel(small, features, int(model.input_shape[-1]), report)


def measure_size(model: keras.Model) -> ModelSize:
    """Return the size of a model, stripped."""
    stages = _Stages(fold_gates(read_steps(model)))
    return stages.size(stages.live_units())


class _Stages:
    """Steps in groups: what comes before the first dense layer, then each dense layer with what follows it."""

    def __init__(self, steps: Sequence[Step]) -> None:
        starts = [index for index, step in enumerate(steps) if isinstance(step, DenseStep)]
        if not starts:
            raise UnsupportedLayerError("model: expected at least one Dense layer. Received: none")
        self.before = list(steps[: starts[0]])
        self.dense = [steps[start] for start in starts]
        self.after = [list(steps[start + 1 : end]) for start, end in zip(starts, [*starts[1:], len(steps)])]
        for step in [*self.before, *(step for others in self.after[:-1] for step in others)]:
            if not step.is_elementwise and step.kind != "BatchNormalization":
                raise UnsupportedLayerError(
                    f"layer '{step.name}': expected an elementwise layer between dense ones. Received: {step.kind}; it "
                    "cannot be shrunk"
                )

    def live_units(self) -> LiveUnits:
        return find_live_units(
            [
                PlainLayer(
                    dense.effective_kernel, dense.effective_bias, _activation(dense, others), _bias_holder(dense)
                )
                for dense, others in zip(self.dense, self.after)
            ]
        )

    def without_dead(self, live: LiveUnits) -> list[Step]:
        steps = [_take(step, live.kept[0]) for step in self.before]
        for index, (dense, others) in enumerate(zip(self.dense, self.after)):
            steps.append(_take_dense(dense, live, index))
            last = index == len(self.dense) - 1
            steps += others if last else [_take(step, live.kept[index + 1]) for step in others]
        return steps

    def size(self, live: LiveUnits) -> ModelSize:
        others = [step for group in (self.before, *self.after) for step in group]
        arrays = [dense.kernel for dense in self.dense] + [dense.bias for dense in self.dense if dense.bias is not None]
        arrays += [array for step in others for array in step.weights]
        return ModelSize(
            sizes=(self.dense[0].kernel.shape[0], *(dense.kernel.shape[1] for dense in self.dense)),
            parameters=sum(array.size for array in arrays),
            macs=sum(dense.kernel.size for dense in self.dense),
            live_weights=sum(int(np.count_nonzero(dense.effective_kernel)) for dense in self.dense),
            live_units=tuple(live.counts),
        )


def _activation(dense: DenseStep, others: Sequence[OtherStep]) -> Callable[[np.ndarray], np.ndarray]:
    def activate(values: np.ndarray) -> np.ndarray:
        values = dense.activation(keras.backend.constant(values[np.newaxis], "float32"))
        for step in others:
            values = step.layer(values)
        return np.asarray(values)[0]

    return activate


def _bias_holder(dense: DenseStep) -> Callable[[np.ndarray], bool]:
    if dense.bias_quantizer is None:
        return lambda bias: True
    return lambda bias: np.array_equal(np.asarray(dense.bias_quantizer(bias.astype(np.float32))), bias)


def _take_dense(dense: DenseStep, live: LiveUnits, index: int) -> DenseStep:
    rows, columns = live.kept[index], live.kept[index + 1]
    latent = np.where(live.kernels[index] != 0, dense.kernel, np.float32(0))
    bias = live.biases[index][columns].astype(np.float32)
    if dense.bias is None and not bias.any():
        bias = None
    small = replace(dense, kernel=latent[np.ix_(rows, columns)], bias=bias)
    if not np.array_equal(small.effective_kernel, live.kernels[index][np.ix_(rows, columns)].astype(np.float32)):
        raise UnsupportedLayerError(
            f"layer '{dense.name}': expected a kernel quantizer that treats each weight by itself. "
            f"Received: {dense.kernel_quantizer}, whose scale changes with the shape; retrain with alpha=1"
        )
    return small


def _take(step: OtherStep, kept: np.ndarray) -> OtherStep:
    return replace(step, weights=[weight[kept] for weight in step.weights])
