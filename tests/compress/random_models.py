"""Random functional models: branches, shared layers, several inputs and outputs, values of one axis and of two."""

import numpy as np
from qkeras import QActivation, QDense

from codesign._keras import keras
from codesign.layers import CancelOut, FeatureSelection, TernaryDense, TopKGate, VariationalDense

L = keras.layers
KERNEL, BIAS = "quantized_bits(6,1,alpha=1)", "quantized_bits(8,3,alpha=1)"


class Builder:
    """Adds random layers; of a quantised model, everything that gives values rounds them to a few bits."""

    def __init__(self, rng, *, quantised=False, gates=False):
        self.rng, self.quantised, self.gates = rng, quantised, gates

    def dense(self, units, activation=None):
        if self.quantised:
            return QDense(units, kernel_quantizer=KERNEL, bias_quantizer=BIAS)
        kinds = [lambda: L.Dense(units, activation, use_bias=bool(self.rng.integers(2)))]
        if self.gates:
            kinds += [lambda: VariationalDense(units, n_train=10), lambda: TernaryDense(units, activation=activation)]
        return self.rng.choice(kinds)()

    def gated(self, value):
        """A gate, if the model has them, where it can be folded: in front of dense layers, past relu."""
        if not self.gates or self.rng.random() < 0.4:
            return value
        n = value.shape[-1]
        kinds = [lambda: TopKGate(int(self.rng.integers(1, n + 1))), CancelOut, lambda: self.selection(n)]
        value = self.rng.choice(kinds)()(value)
        return value

    def selection(self, n):
        return FeatureSelection(sorted(self.rng.choice(n, self.rng.integers(1, n + 1), replace=False)))

    def hidden(self, value):
        """A dense layer and an activation, or batch normalisation."""
        value = self.dense(int(self.rng.integers(2, 7)))(self.gated(value))
        if self.quantised:
            return QActivation("quantized_relu(6,3)")(value)
        behind = [L.ReLU(), L.Activation("tanh"), L.Activation("sigmoid"), L.BatchNormalization(), L.Dropout(0.5)]
        return self.rng.choice(behind)(value)

    def like(self, value):
        """Two values of one shape: a dense layer and another, or one that is called twice."""
        layer = self.dense(value.shape[-1])
        first = layer(value)
        if self.rng.random() < 0.4:
            return first, layer(self.dense(value.shape[-1])(value))
        return first, value

    def merged(self, value):
        merges = [L.Add, L.Subtract, L.Average, L.Maximum, L.Minimum, L.Multiply]
        merge = self.rng.choice(merges[:2] if self.quantised else merges)()
        value = merge(self.like(value))
        return value if self.rng.random() < 0.5 else L.ReLU()(value)

    def flattened(self, value):
        if len(value.shape) == 2:
            return value
        ways = [L.Flatten(), L.GlobalMaxPooling1D(), L.Reshape((value.shape[1] * value.shape[2],))]
        return self.rng.choice(ways + [L.GlobalAveragePooling1D()] * (not self.quantised))(value)

    def grown(self, value):
        for _ in range(self.rng.integers(1, 4)):
            value = self.rng.choice([self.hidden, self.merged, self.hidden])(value)
        return value

    def model(self):
        vector, particles = keras.Input((5,), name="vector"), keras.Input((3, 4), name="particles")
        first = QActivation("quantized_bits(8,3,alpha=1)") if self.quantised else L.Dropout(0.5)
        left, right = self.grown(first(vector)), self.flattened(self.grown(particles))
        joined = L.Concatenate()([left, right, vector] if self.rng.random() < 0.3 else [left, right])
        joined = self.grown(self.dense(6)(self.gated(joined)))
        outputs = [self.dense(2)(joined)]
        if self.rng.random() < 0.5:
            outputs.append(L.Softmax()(self.dense(3)(self.hidden(left))))
        model = keras.Model([vector, particles], outputs)
        randomise(model, self.rng, step=2.0**-4 if self.quantised else 0.0)
        return model


def random_model(seed, **options):
    return Builder(np.random.default_rng(seed), **options).model()


def randomise(model, rng, *, step=0.0, density=0.35):
    """Random weights, many of them zero, multiples of a step if there is one; gates pass some."""
    for layer in model.layers:
        if isinstance(layer, TopKGate):
            layer.gate.assign(rng.permutation(layer.n_nodes) < layer.k)
        elif isinstance(layer, L.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, weight.shape) for weight in layer.get_weights()])
        elif hasattr(layer, "units"):
            layer.kernel.assign(_random(rng, layer.kernel.shape, step) * (rng.random(layer.kernel.shape) < density))
            if layer.bias is not None:
                layer.bias.assign(_random(rng, layer.bias.shape, step))
            if hasattr(layer, "reset_scales"):
                layer.reset_scales()
        elif isinstance(layer, CancelOut):
            layer.set_weights([rng.normal(size=weight.shape) for weight in layer.get_weights()])


def _random(rng, shape, step):
    values = rng.normal(size=tuple(shape))
    return np.rint(values / step) * step if step else values


def events(seed=0, n=40):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(n, 5)).astype(np.float32), rng.normal(size=(n, 3, 4)).astype(np.float32)]
