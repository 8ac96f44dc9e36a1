"""Random Keras models over all layers that are read: images, sequences and vectors, weights drawn."""

import numpy as np
import qkeras

from codesign._keras import keras

L = keras.layers
ACTIVATIONS = (
    *("relu", "elu", "selu", "softplus", "softsign", "tanh", "sigmoid", "hard_sigmoid", "exponential", "gelu"),
    *("swish", "linear", "mish", "softmax", "log_softmax"),
)
_BITS = "quantized_bits(6,1,alpha=1)"


class RandomLayers:
    """Draws layers one behind the other, each fitting the shape of what comes before.

    Args:
        rng: what draws everything.
        quantised: whether layers of QKeras are drawn too.
    """

    def __init__(self, rng, *, quantised: bool = True) -> None:
        self.rng, self.quantised = rng, quantised

    def model(self, n_layers: int = 4) -> keras.Model:
        """A model of some layers behind a vector, a sequence, an image or a volume."""
        rank = int(self.rng.choice([1, 2, 3, 4], p=[0.15, 0.4, 0.35, 0.1]))
        sizes = {1: (7,), 2: (int(self.rng.integers(5, 9)), 4), 3: (7, 6, 3), 4: (4, 4, 3, 2)}
        inputs = keras.Input(sizes[rank])
        values = inputs
        for _ in range(n_layers):
            values = self.behind(values)
        if values is inputs or len(values.shape) > 2:
            values = L.Dense(2)(L.Flatten()(values))
        model = keras.Model(inputs, values)
        draw_weights(self.rng, model)
        return model

    def behind(self, values):
        """One layer more."""
        rank = len(values.shape) - 1
        kinds = [*(["any"] * 3), *{1: ["vector"], 2: ["sequence"] * 7, 3: ["image"] * 7, 4: ["volume"] * 5}[rank]]
        choices = getattr(self, f"_{self.rng.choice(kinds)}")(values)
        return choices[int(self.rng.integers(len(choices)))]()

    def pick(self, *options):
        return options[int(self.rng.integers(len(options)))]

    def _act(self):
        return str(self.rng.choice(ACTIVATIONS[:-2]))

    def _any(self, values):
        rank, pick = len(values.shape) - 1, self.pick
        axis = int(self.rng.integers(1, rank + 1))
        return [
            lambda: L.Dense(pick(2, 3, 5), activation=self._act())(values),
            lambda: L.Activation(str(self.rng.choice(ACTIVATIONS)))(values),
            lambda: L.BatchNormalization(axis=axis)(values),
            lambda: L.LayerNormalization(axis=pick(-1, axis, list(range(1, rank + 1))))(values),
            lambda: L.UnitNormalization(axis=pick(-1, axis))(values),
            lambda: L.PReLU(shared_axes=list(range(1, rank)) or None)(values),
            lambda: L.ReLU(pick(None, 1.5), pick(0.0, 0.2), pick(0.0, 0.3))(values),
            lambda: L.LeakyReLU(0.15)(values),
            lambda: L.ELU(0.7)(values),
            lambda: L.ThresholdedReLU(0.4)(values),
            lambda: L.Softmax(axis=pick(-1, axis))(values),
            lambda: L.GaussianNoise(0.1)(L.Dropout(0.1)(values)),
            lambda: self._merged(values),
            lambda: L.Rescaling(0.7, 0.1)(values),
        ]

    def _merged(self, values):
        other = L.Activation("tanh")(values)
        kind = self.pick(L.Add, L.Multiply, L.Maximum, L.Minimum, L.Average, L.Concatenate, L.Subtract)
        return kind()([values, other])

    def _vector(self, values):
        n = values.shape[-1]
        return [
            lambda: L.RepeatVector(3)(values),
            lambda: L.Reshape((n, 1))(values),
            lambda: L.Dot(1, normalize=self.pick(True, False))([values, L.Dense(n)(values)]),
            lambda: L.EinsumDense("ab,bcd->acd", (2, 3), bias_axes="d", activation="relu")(values),
        ]

    def _sequence(self, values):
        pick, steps = self.pick, values.shape[1]
        data = {"padding": pick("valid", "same", "causal"), "activation": self._act()}
        window = {"strides": pick(1, 2), "dilation_rate": 1}
        if pick(True, False):
            window = {"strides": 1, "dilation_rate": pick(1, 2)}
        size = min(steps, pick(1, 2, 3)) if window["dilation_rate"] == 1 else 1 + (steps > 2)
        pads = {"padding": pick("valid", "same"), "strides": pick(None, 1, 2)}
        return [
            lambda: L.Conv1D(4, size, **data, **window, groups=_groups(values, 4))(values),
            lambda: L.SeparableConv1D(3, size, depth_multiplier=pick(1, 2), **(data | window))(values),
            lambda: L.DepthwiseConv1D(size, padding=pick("valid", "same"), depth_multiplier=pick(1, 2))(values),
            lambda: L.Conv1DTranspose(3, 3, strides=pick(1, 2, 4), padding=pads["padding"])(values),
            lambda: L.MaxPooling1D(min(2, steps), **pads)(values),
            lambda: L.AveragePooling1D(min(3, steps), **pads)(values),
            lambda: L.GlobalAveragePooling1D(keepdims=pick(True, False))(values),
            lambda: L.GlobalMaxPooling1D()(values),
            lambda: L.ZeroPadding1D(pick(1, (0, 2)))(values),
            lambda: L.UpSampling1D(2)(values),
            lambda: L.Cropping1D((1, 0))(values) if steps > 2 else values,
            lambda: L.Permute((2, 1))(values),
            lambda: self._recurrent(values),
            lambda: self._recurrent(L.Masking(0.0)(L.ReLU()(values))),
            lambda: L.Bidirectional(self._cell(), merge_mode=pick("concat", "sum", "mul", "ave"))(values),
            lambda: L.RNN([L.LSTMCell(2), L.GRUCell(3)], return_sequences=pick(True, False))(values),
            lambda: L.MultiHeadAttention(2, 3, value_dim=pick(None, 2))(
                values, values, use_causal_mask=pick(0, 1) == 1
            ),
            lambda: L.Attention(use_scale=pick(True, False))([values, values]),
            lambda: L.AdditiveAttention()([values, values]),
            lambda: L.EinsumDense("abc,cd->adb", (3, steps), activation="tanh")(values),
            lambda: L.EinsumDense("...x,xy->...y", 3, bias_axes="y")(values),
            lambda: L.GroupNormalization(_groups(values, 2))(values),
            lambda: L.TimeDistributed(L.Dense(3, "relu"))(values),
            lambda: L.Dot(2)([values, L.Dense(values.shape[-1])(values)]),
            lambda: L.Flatten()(values),
        ]

    def _cell(self):
        pick = self.pick
        options = {"return_sequences": pick(True, False), "activation": pick("tanh", "relu", "softsign")}
        kind = pick(L.LSTM, L.GRU, L.SimpleRNN)
        if kind is L.GRU:
            options["reset_after"] = pick(True, False)
        return kind(pick(2, 3), use_bias=pick(True, True, False), **options)

    def _recurrent(self, values):
        layer = self._cell()
        layer.go_backwards = self.pick(True, False)
        return layer(values)

    def _image(self, values):
        pick = self.pick
        data = {"padding": pick("valid", "same"), "activation": self._act()}
        sizes = tuple(min(n, pick(1, 2, 3)) for n in values.shape[1:3])
        window = pick({"strides": pick(1, 2)}, {"dilation_rate": pick(1, (2, 1))})
        if "dilation_rate" in window:
            sizes, data["padding"] = (2, 2), "same"
        pads = {"padding": pick("valid", "same"), "strides": pick(None, 1, (2, 1))}
        pool = tuple(min(n, 2) for n in values.shape[1:3])
        found = [
            lambda: L.Conv2D(4, sizes, **data, **window, groups=_groups(values, 4))(values),
            lambda: L.SeparableConv2D(3, sizes, depth_multiplier=pick(1, 2), padding=pick("valid", "same"))(values),
            lambda: L.DepthwiseConv2D(sizes, padding=data["padding"], depth_multiplier=pick(1, 2))(values),
            lambda: L.Conv2DTranspose(2, (3, 2), strides=pick(1, 2, (3, 2)), padding=pads["padding"])(values),
            lambda: L.MaxPooling2D(pool, **pads)(values),
            lambda: L.AveragePooling2D(pool, **pads)(values),
            lambda: L.GlobalAveragePooling2D(keepdims=pick(True, False))(values),
            lambda: L.GlobalMaxPooling2D()(values),
            lambda: L.ZeroPadding2D(pick(1, (0, 2), ((1, 0), (0, 2))))(values),
            lambda: L.UpSampling2D((2, 1), interpolation=pick("nearest", "bilinear"))(values),
            lambda: L.Cropping2D(((1, 0), (0, 0)))(values) if values.shape[1] > 2 else values,
            lambda: L.Permute((3, 1, 2))(values),
            lambda: L.Reshape((values.shape[1], -1))(values),
            lambda: L.TimeDistributed(L.Dense(2))(values),
            lambda: L.GroupNormalization(-1)(values),
        ]
        return found + (self._quantised_image(values, sizes) if self.quantised else [])

    def _quantised_image(self, values, sizes):
        given = {"kernel_quantizer": _BITS, "bias_quantizer": _BITS}
        deep = {"depthwise_quantizer": _BITS, "bias_quantizer": _BITS}
        rounded = qkeras.QActivation("quantized_bits(8,3,alpha=1)")
        return [
            lambda: qkeras.QConv2D(3, sizes, padding="same", activation="quantized_relu(6,2)", **given)(
                rounded(values)
            ),
            lambda: qkeras.QDepthwiseConv2D(sizes, **deep)(rounded(values)),
            lambda: qkeras.QConv2DBatchnorm(3, sizes, **given)(rounded(values)),
            lambda: qkeras.QDepthwiseConv2DBatchnorm(sizes, **deep)(rounded(values)),
            lambda: qkeras.QSeparableConv2D(3, sizes, pointwise_quantizer=_BITS, **deep)(rounded(values)),
            lambda: (
                qkeras.QAveragePooling2D((2, 1), average_quantizer="quantized_bits(8,0,alpha=1)")(rounded(values))
                if values.shape[1] > 1
                else values
            ),
        ]

    def _volume(self, values):
        pick = self.pick
        return [
            lambda: L.Conv3D(2, 2, padding="same", strides=pick(1, 2))(values),
            lambda: L.Conv3DTranspose(2, 2, padding="same", strides=pick(1, 2))(values),
            lambda: L.MaxPooling3D(1, padding="same")(values),
            lambda: L.AveragePooling3D(2, strides=1, padding="same")(values),
            lambda: L.GlobalMaxPooling3D()(values),
            lambda: L.GlobalAveragePooling3D()(values),
            lambda: L.ZeroPadding3D(1)(values),
            lambda: L.UpSampling3D(2)(values),
            lambda: L.Reshape((values.shape[1], values.shape[2], -1))(values),
        ]


def _groups(values, n: int) -> int:
    return 2 if values.shape[-1] % 2 == 0 and n % 2 == 0 else 1


def draw_weights(rng: np.random.Generator, model: keras.Model) -> None:
    """Give a model weights of moderate size, variances above 0."""
    for weight in model.weights:
        shape = weight.shape
        values = rng.normal(size=shape) / np.sqrt(max(1, np.prod(shape[:-1]))) + 0.05 * rng.normal(size=shape)
        if "variance" in weight.name:
            values = rng.uniform(0.3, 2, shape)
        elif "gamma" in weight.name or "alpha" in weight.name:
            values = rng.uniform(0.3, 1.5, shape)
        if weight.dtype.is_floating:
            weight.assign(values)
