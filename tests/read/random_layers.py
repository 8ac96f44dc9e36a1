"""Random Keras models over all layers that are read: images, sequences and vectors, weights drawn."""

import numpy as np
import qkeras

from codesign._keras import keras

ACTIVATIONS = (
    *("relu", "elu", "selu", "softplus", "softsign", "tanh", "sigmoid", "hard_sigmoid", "exponential", "gelu"),
    *("swish", "linear", "mish", "softmax", "log_softmax"),
)
_BITS = "quantized_bits(6,1,alpha=1)"


class RandomLayers:
    """Draws layers one behind the other, each fitting the shape of what comes before.

    Args:
        rng: what draws everything.
        of: the Keras whose layers these are: Keras 2, with layers of QKeras too, or Keras 3.
    """

    def __init__(self, rng, of=keras) -> None:
        self.rng, self.keras, self.L, self.is_third = rng, of, of.layers, of is not keras

    def model(self, n_layers: int = 4):
        """A model of some layers behind a vector, a sequence, an image or a volume."""
        rank = int(self.rng.choice([1, 2, 3, 4], p=[0.15, 0.4, 0.35, 0.1]))
        sizes = {1: (7,), 2: (int(self.rng.integers(5, 9)), 4), 3: (7, 6, 3), 4: (4, 4, 3, 2)}
        inputs = self.keras.Input(sizes[rank])
        values = inputs
        for _ in range(n_layers):
            values = self.behind(values)
        if values is inputs or len(values.shape) > 2:
            values = self.L.Dense(2)(self.L.Flatten()(values))
        model = self.keras.Model(inputs, values)
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
            lambda: self.L.Dense(pick(2, 3, 5), activation=self._act())(values),
            lambda: self.L.Activation(str(self.rng.choice(ACTIVATIONS)))(values),
            lambda: self.L.BatchNormalization(axis=axis)(values),
            lambda: self.L.LayerNormalization(axis=pick(-1, axis, list(range(1, rank + 1))))(values),
            lambda: self.L.UnitNormalization(axis=pick(-1, axis))(values),
            lambda: self.L.PReLU(shared_axes=list(range(1, rank)) or None)(values),
            lambda: self.L.ReLU(pick(None, 1.5), pick(0.0, 0.2), pick(0.0, 0.3))(values),
            lambda: self.L.LeakyReLU(0.15)(values),
            lambda: self.L.ELU(0.7)(values),
            lambda: self.L.RMSNormalization()(values) if self.is_third else self.L.ThresholdedReLU(0.4)(values),
            lambda: self.L.Softmax(axis=pick(-1, axis))(values),
            lambda: self.L.GaussianNoise(0.1)(self.L.Dropout(0.1)(values)),
            lambda: self._merged(values),
            lambda: self.L.Rescaling(0.7, 0.1)(values),
        ]

    def _merged(self, values):
        other = self.L.Activation("tanh")(values)
        kind = self.pick(
            self.L.Add,
            self.L.Multiply,
            self.L.Maximum,
            self.L.Minimum,
            self.L.Average,
            self.L.Concatenate,
            self.L.Subtract,
        )
        return kind()([values, other])

    def _vector(self, values):
        n = values.shape[-1]
        return [
            lambda: self.L.RepeatVector(3)(values),
            lambda: self.L.Reshape((n, 1))(values),
            lambda: self.L.Dot(1, normalize=self.pick(True, False))([values, self.L.Dense(n)(values)]),
            lambda: self.L.EinsumDense("ab,bcd->acd", (2, 3), bias_axes="d", activation="relu")(values),
        ]

    def _sequence(self, values):
        pick, steps = self.pick, values.shape[1]
        data = {"padding": pick("valid", "same"), "activation": self._act()}
        window = {"strides": pick(1, 2), "dilation_rate": 1}
        if pick(True, False):
            window = {"strides": 1, "dilation_rate": pick(1, 2)}
        size = min(steps, pick(1, 2, 3)) if window["dilation_rate"] == 1 else 1 + (steps > 2)
        pads = {"padding": pick("valid", "same"), "strides": pick(None, 1, 2)}
        return [
            lambda: self.L.Conv1D(
                4, size, **(data | {"padding": pick("causal", data["padding"])}), **window, groups=_groups(values, 4)
            )(values),
            lambda: self.L.SeparableConv1D(3, size, depth_multiplier=pick(1, 2), **(data | window))(values),
            lambda: self.L.DepthwiseConv1D(size, padding=pick("valid", "same"), depth_multiplier=pick(1, 2))(values),
            lambda: self.L.Conv1DTranspose(3, 3, strides=pick(1, 2, 4), padding=pads["padding"])(values),
            lambda: self.L.MaxPooling1D(min(2, steps), **pads)(values),
            lambda: self.L.AveragePooling1D(min(3, steps), **pads)(values),
            lambda: self.L.GlobalAveragePooling1D(keepdims=pick(True, False))(values),
            lambda: self.L.GlobalMaxPooling1D()(values),
            lambda: self.L.ZeroPadding1D(pick(1, (0, 2)))(values),
            lambda: self.L.UpSampling1D(2)(values),
            lambda: self.L.Cropping1D((1, 0))(values) if steps > 2 else values,
            lambda: self.L.Permute((2, 1))(values),
            lambda: self._recurrent(values),
            lambda: self._recurrent(self.L.Masking(0.0)(self.L.ReLU()(values))),
            lambda: self.L.Bidirectional(self._cell(), merge_mode=pick("concat", "sum", "mul", "ave"))(values),
            lambda: self.L.RNN([self.L.LSTMCell(2), self.L.GRUCell(3)], return_sequences=pick(True, False))(values),
            lambda: self.L.MultiHeadAttention(2, 3, value_dim=pick(None, 2))(
                values, values, use_causal_mask=pick(0, 1) == 1
            ),
            lambda: self.L.Attention(use_scale=pick(True, False))([values, values]),
            lambda: self.L.AdditiveAttention()([values, values]),
            lambda: self.L.EinsumDense("abc,cd->adb", (3, steps), activation="tanh")(values),
            lambda: self.L.EinsumDense("...x,xy->...y", 3, bias_axes="y")(values),
            lambda: self.L.EinsumDense("abc,bcd->abd", (steps, 3), bias_axes="bd")(values),
            lambda: self.L.GroupNormalization(_groups(values, 2))(values),
            lambda: self.L.TimeDistributed(self.L.Dense(3, "relu"))(values),
            lambda: self.L.Dot(2)([values, self.L.Dense(values.shape[-1])(values)]),
            lambda: self.L.Flatten()(values),
        ]

    def _cell(self):
        pick = self.pick
        options = {"return_sequences": pick(True, False), "activation": pick("tanh", "relu", "softsign")}
        kind = pick(self.L.LSTM, self.L.GRU, self.L.SimpleRNN)
        if kind is self.L.GRU:
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
            lambda: self.L.Conv2D(4, sizes, **data, **window, groups=_groups(values, 4))(values),
            lambda: self.L.SeparableConv2D(3, sizes, depth_multiplier=pick(1, 2), padding=pick("valid", "same"))(
                values
            ),
            lambda: self.L.DepthwiseConv2D(sizes, padding=data["padding"], depth_multiplier=pick(1, 2))(values),
            lambda: self.L.Conv2DTranspose(2, (3, 2), strides=pick(1, 2, (3, 2)), padding=pads["padding"])(values),
            lambda: self.L.MaxPooling2D(pool, **pads)(values),
            lambda: self.L.AveragePooling2D(pool, **pads)(values),
            lambda: self.L.GlobalAveragePooling2D(keepdims=pick(True, False))(values),
            lambda: self.L.GlobalMaxPooling2D()(values),
            lambda: self.L.ZeroPadding2D(pick(1, (0, 2), ((1, 0), (0, 2))))(values),
            lambda: self.L.UpSampling2D((2, 1), interpolation=pick("nearest", "bilinear"))(values),
            lambda: self.L.Cropping2D(((1, 0), (0, 0)))(values) if values.shape[1] > 2 else values,
            lambda: self.L.Permute((3, 1, 2))(values),
            lambda: self.L.Reshape((values.shape[1], -1))(values),
            lambda: self.L.TimeDistributed(self._inside_steps(values))(values),
            lambda: self.L.TimeDistributed(self._inside_steps(values))(values),
            lambda: self.L.GroupNormalization(-1)(values),
        ]
        return found + ([] if self.is_third else self._quantised_image(values, sizes))

    def _inside_steps(self, values):
        """A layer, or a model, at each row of an image."""
        layers, shape = self.L, values.shape[2:]
        return self.pick(
            lambda: layers.Dense(2),
            lambda: layers.Conv1D(3, 2, padding="same"),
            lambda: layers.LSTM(3),
            lambda: layers.Softmax(axis=1),
            layers.Flatten,
            layers.GlobalMaxPooling1D,
            lambda: self.keras.Sequential(
                [self.keras.Input(shape), layers.BatchNormalization(axis=1), layers.Flatten()]
            ),
        )()

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
            lambda: self.L.Conv3D(2, 2, padding="same", strides=pick(1, 2))(values),
            lambda: self.L.Conv3DTranspose(2, 2, padding="same", strides=pick(1, 2))(values),
            lambda: self.L.MaxPooling3D(1, padding="same")(values),
            lambda: self.L.AveragePooling3D(2, strides=1, padding="same")(values),
            lambda: self.L.GlobalMaxPooling3D()(values),
            lambda: self.L.GlobalAveragePooling3D()(values),
            lambda: self.L.ZeroPadding3D(1)(values),
            lambda: self.L.UpSampling3D(2)(values),
            lambda: self.L.Reshape((values.shape[1], values.shape[2], -1))(values),
        ]


def _groups(values, n: int) -> int:
    return 2 if values.shape[-1] % 2 == 0 and n % 2 == 0 else 1


def draw_weights(rng: np.random.Generator, model) -> None:
    """Give a model weights of moderate size, variances above 0."""
    for weight in model.weights:
        shape = weight.shape
        values = rng.normal(size=shape) / np.sqrt(max(1, np.prod(shape[:-1]))) + 0.05 * rng.normal(size=shape)
        name = str(getattr(weight, "path", weight.name))
        if "variance" in name:
            values = rng.uniform(0.3, 2, shape)
        elif "gamma" in name or "alpha" in name:
            values = rng.uniform(0.3, 1.5, shape)
        if "float" in str(weight.dtype):
            weight.assign(values)
