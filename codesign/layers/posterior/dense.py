"""PosteriorDense: a dense layer that learns how many bits each of its weights and inputs needs."""

import numpy as np

from codesign._arguments import check_range, checked
from codesign._keras import keras, tf
from codesign.errors import ConfigError
from codesign.layers.noise import noise_generator
from codesign.layers.posterior.input_format import parse_input_precision
from codesign.layers.posterior.input_rounding import COLLAPSED, COLLAPSING, NOISY, InputRounding, SentInputs
from codesign.layers.posterior.limits import COST_WEIGHT_LIMITS, LOG_NOISE_LIMITS, within_noise_limits
from codesign.layers.posterior.math import add_noise, is_signal, product_cost, rounded_bias, significant_bits
from codesign.layers.training_dense import TrainingDense
from codesign.network import FixedPoint

_MOMENTUM = 0.98


@checked
@keras.utils.register_keras_serializable(package="codesign")
class PosteriorDense(TrainingDense):
    """Dense layer whose weights and inputs carry learnt noise; the bits above it are those that hardware needs.

    Training: ``h = x + tau u``, ``y = activation(h @ theta + b + sqrt(h^2 @ sigma2) u)``, u uniform of variance 1
    (local reparameterisation, Kingma, Salimans, Welling 2015, arXiv:1506.02557). The loss grows by `cost_weight` times
    ``cost = sum_ij C(theta_ij^2 / sigma2_ij) C(3 E[x_i^2] / tau2_i) + 0.5 sum_i C(3 E[x_i^2] / tau2_i)``,
    ``C(r) = 0.5 log2(1 + r)``, with a moving mean E: bit products, about the layer's full adders without multipliers.
    Inference: ``y = activation(x @ (theta [theta^2 >= sigma2 / 4]) + b)``.

    Callbacks: :class:`codesign.train.CostSchedule` raises the cost weight. In a second `fit`,
    :class:`codesign.posterior.CollapseSchedule` rounds inputs and weights; then the layer is constant,
    ``y = activation(round(x) @ fixed_kernel + fixed_bias)``, and a Network takes over its formats.

    Args:
        units: outputs.
        cost_weight: factor of the cost in the loss; 1e-6 to 1e-4 for classifiers with cross-entropy.
        initial_log_sigma2, initial_log_tau2: logs of the noise powers at the start.
        input_precision: a format that the inputs have already, such as ``ap_fixed<8,4>``: their noise is not learnt.
        seed: of the noise; by default NumPy draws one.
        kwargs: activation, use_bias, initializers, regularizer, name: see :class:`TrainingDense`; without quantizers.

    Raises:
        ConfigError: for a negative cost weight, noise out of range, a format that cannot be read, or quantizers.

    Example:
        >>> import numpy as np
        >>> from codesign import CostSchedule, PosteriorDense, keras
        >>> x = np.random.default_rng(0).normal(size=(64, 6)).astype("float32")
        >>> model = keras.Sequential([keras.Input((6,)), PosteriorDense(8, activation="relu"), PosteriorDense(1)])
        >>> model.compile("adam", "mse")
        >>> _ = model.fit(x, x[:, :1], epochs=3, verbose=0, callbacks=[CostSchedule(1e-4)])
        >>> model.layers[0].weight_bits.shape
        (6, 8)
    """

    def __init__(
        self,
        units: int,
        *,
        cost_weight: float = 0.0,
        initial_log_sigma2: float = -4.0,
        initial_log_tau2: float = -4.0,
        input_precision: str | None = None,
        seed: int | None = None,
        **kwargs: object,
    ) -> None:
        super().__init__(units, **kwargs)
        self.initial_log_sigma2 = check_range(initial_log_sigma2, "initial_log_sigma2", *LOG_NOISE_LIMITS)
        self.initial_log_tau2 = check_range(initial_log_tau2, "initial_log_tau2", *LOG_NOISE_LIMITS)
        if self.kernel_quantizer is not None or self.bias_quantizer is not None:
            raise ConfigError(
                "kernel_quantizer, bias_quantizer: expected none, since PosteriorDense learns its precision. Received: "
                "a quantizer"
            )
        self._initial_cost_weight = check_range(cost_weight, "cost_weight", *COST_WEIGHT_LIMITS)
        self.input_precision = input_precision
        self._prescribed = parse_input_precision(input_precision)
        self.seed = seed

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        self._generator = noise_generator(self.seed)
        n_in, width, integer = int(input_shape[-1]), *(self._prescribed or (0, 0))
        self.log_sigma2 = self._add(
            "log_sigma2", self.kernel.shape, self.initial_log_sigma2, constraint=within_noise_limits, trainable=True
        )
        options = {"constraint": within_noise_limits, "trainable": self._prescribed is None}
        self.log_tau2 = self._add("log_tau2", (n_in,), self.initial_log_tau2, **options)
        self.mean_square = self._add("mean_square", (n_in,), 1.0)
        self.cost_scale = self._add("cost_scale", (), self._initial_cost_weight)
        self.frozen = self._add("frozen", self.kernel.shape, 0.0)
        self.fixed_kernel = self._add("fixed_kernel", self.kernel.shape, 0.0)
        self.bias_step = self._add("bias_step", (self.units,), 2.0**-8)
        self.fixed_bias = self._add("fixed_bias", (self.units,), 0.0)
        self.input_step = self._add("input_step", (n_in,), 2.0 ** (integer - width))
        self.input_span = self._add("input_span", (n_in,), 2.0**integer)
        self.input_shifts = self._add("input_shifts", (2, n_in), 0.0)
        self.state = self._add("state", (3,), 0.0)
        rounding = (self.input_step, self.input_span, self.state)
        self._round = InputRounding(*rounding, is_prescribed=self._prescribed is not None)

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        inputs, collapse = self._widen(inputs), self.state[0] >= COLLAPSING
        if not training:
            sums = tf.cond(collapse, lambda: self._sum_rounded(self._round(inputs)), lambda: self._sum_signals(inputs))
            return self._narrow(self.activation(sums))
        sums, cost = tf.cond(collapse, lambda: (self._sum_free_noise(inputs), 0.0), lambda: self._sum_noisy(inputs))
        self.add_loss(self.cost_scale * cost)
        return self._narrow(self.activation(sums))

    def set_cost_weight(self, cost_weight: float) -> None:
        """Set the factor of the cost in the loss; ConfigError for a negative one."""
        self.cost_scale.assign(check_range(cost_weight, "cost_weight", *COST_WEIGHT_LIMITS))

    def start_collapse(self, mode: int, step: np.ndarray, sent: SentInputs | None = None) -> None:
        """Begin to round the inputs, and let the weights below their noise be zero from now on.

        Args:
            mode: of :mod:`codesign.layers.posterior.input_rounding`.
            step: (n_in,) powers of two; a prescribed format keeps its own.
            sent: of words, what they are.
        """
        self._round.start(mode, step, sent)
        if sent is not None:
            self.input_shifts.assign([0.5 * (self.input_step.numpy() - sent.finest), sent.offset])
        self.fix_weights(np.zeros(self.kernel.shape), ~is_signal(self.kernel, self.log_sigma2).numpy())

    def cover_inputs(self, low: np.ndarray, high: np.ndarray) -> None:
        """Set the integer bits such that inputs from `low` to `high`, (n_in,) each, do not overflow."""
        self._round.cover(low, high)

    def fix_weights(self, values: np.ndarray, fixed: np.ndarray) -> None:
        """Fix weights for good; training does not move them any more.

        Args:
            values: (n_in, units), used where `fixed`.
            fixed: (n_in, units) bool.
        """
        self.fixed_kernel.assign(np.where(fixed, values, self.fixed_kernel.numpy()))
        self.frozen.assign(np.where(fixed, 1, self.frozen.numpy()))
        self.kernel.assign(self.inference_kernel)

    def finish_collapse(self) -> None:
        """Make the layer constant; its weights are fixed before."""
        if self.bias is not None:
            self.fixed_bias.assign(self._rounded_bias())
        self._round.finish()

    @property
    def stage(self) -> int:
        """NOISY, COLLAPSING or COLLAPSED."""
        return self._round.stage

    @property
    def mode(self) -> int:
        """How inputs are rounded once the collapse has begun: ROUNDED, TRUNCATED or UNTOUCHED."""
        return self._round.mode

    @property
    def cost_weight(self) -> float:
        """Present factor of the cost in the loss."""
        return float(self.cost_scale.numpy())

    @property
    def is_collapsed(self) -> bool:
        """Whether the layer is constant, its formats known."""
        return self.stage == COLLAPSED

    @property
    def cost(self) -> float:
        """Bit products that the noise leaves."""
        return float(product_cost(significant_bits(self._ratio()), self._input_bits()))

    @property
    def signal_to_noise(self) -> np.ndarray:
        """(n_in, units) ``theta^2 / sigma2``."""
        return self._ratio().numpy()

    @property
    def weight_bits(self) -> np.ndarray:
        """(n_in, units) significant bits of each weight, ``0.5 log2(1 + theta^2 / sigma2)``."""
        return significant_bits(self._ratio()).numpy()

    @property
    def input_bits(self) -> np.ndarray:
        """(n_in,) significant bits of each input, ``0.5 log2(1 + 3 E[x^2] / tau2)``; of a format, its width."""
        learnt = self.stage == NOISY or self.input_format is None
        return self._input_bits().numpy() if learnt else self.input_format.width.astype(np.float32)

    @property
    def input_format(self) -> FixedPoint | None:
        """The inputs' format in the collapse; None before it, and for inputs that come in a format already."""
        return self._round.format

    @property
    def inference_kernel(self) -> np.ndarray:
        kernel = self.kernel.numpy()
        if self.stage == NOISY:
            return np.where(is_signal(self.kernel, self.log_sigma2).numpy(), kernel, np.float32(0))
        return np.where(self.frozen.numpy() > 0, self.fixed_kernel.numpy(), kernel)

    def get_config(self) -> dict:
        noise = {name: getattr(self, name) for name in ("initial_log_sigma2", "initial_log_tau2", "seed")}
        own = {"cost_weight": self._initial_cost_weight, "input_precision": self.input_precision}
        return {**super().get_config(), **noise, **own}

    def _sum_signals(self, inputs: tf.Tensor) -> tf.Tensor:
        return self._add_bias(tf.matmul(inputs, tf.where(is_signal(self.kernel, self.log_sigma2), self.kernel, 0.0)))

    def _sum_noisy(self, inputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        power = tf.stop_gradient(tf.reduce_mean(tf.square(inputs), tf.range(tf.rank(inputs) - 1)))
        self.mean_square.assign(_MOMENTUM * self.mean_square + (1 - _MOMENTUM) * power)
        cost = product_cost(significant_bits(self._ratio()), self._input_bits())
        if self._prescribed is None:
            inputs = add_noise(inputs, tf.exp(self.log_tau2), self._generator)
        variance = tf.matmul(tf.square(inputs), tf.exp(self.log_sigma2))
        return add_noise(self._add_bias(tf.matmul(inputs, self.kernel)), variance, self._generator), cost

    def _sum_rounded(self, rounded: tf.Tensor) -> tf.Tensor:
        sums = tf.matmul(rounded, self._present_kernel())
        if self.bias is None:
            return sums
        return tf.nn.bias_add(sums, tf.where(self.state[0] >= COLLAPSED, self.fixed_bias, self._rounded_bias()))

    def _sum_free_noise(self, inputs: tf.Tensor) -> tf.Tensor:
        """With the noise of the weights that are not fixed yet."""
        rounded, free = self._round(inputs), self.frozen < 1
        sums = self._sum_rounded(rounded)
        variance = tf.matmul(tf.square(rounded), tf.stop_gradient(tf.where(free, tf.exp(self.log_sigma2), 0.0)))
        return tf.cond(tf.reduce_any(free), lambda: add_noise(sums, variance, self._generator), lambda: sums)

    def _present_kernel(self) -> tf.Tensor:
        return tf.where(self.frozen > 0, self.fixed_kernel, self.kernel)

    def _rounded_bias(self) -> tf.Tensor:
        return rounded_bias(self.bias, self.bias_step, self._present_kernel(), self.input_shifts)

    def _ratio(self) -> tf.Tensor:
        return tf.square(self.kernel) * tf.exp(-self.log_sigma2)

    def _input_bits(self) -> tf.Tensor:
        if self._prescribed is not None:
            return tf.fill(self.mean_square.shape, float(self._prescribed[0]))
        return significant_bits(3 * self.mean_square * tf.exp(-self.log_tau2))

    def _add(self, name: str, shape: tuple[int, ...], start: float, **options: object) -> tf.Variable:
        return self.add_weight(
            name=name, shape=shape, initializer=keras.initializers.Constant(start), **{"trainable": False, **options}
        )
