"""Every layer of the package against the common checks: a new one is tested the moment it has a case here."""

import inspect

import numpy as np
import pytest
from qkeras import quantized_bits

import codesign.layers
from codesign._keras import keras, tf
from codesign.data import Words
from codesign.layers import (
    CancelOut,
    ColliderAugmentation,
    ColliderFeatures,
    DetectorWords,
    FeatureSelection,
    FillMissing,
    FixedPointQuantizer,
    KeyBits,
    MaskedDense,
    PosteriorDense,
    SegmentSum,
    TableLookup,
    TableSum,
    TernaryDense,
    TopKGate,
    VariationalDense,
)
from codesign.network import FixedPoint
from codesign.train import CostSchedule, GateSchedule, KLSchedule, prune_by_magnitude
from tests.layers.run_layer_test import (
    BIAS,
    KERNEL,
    N_FEATURES,
    check_config,
    check_fit_save_strip,
    check_gradients,
    check_shapes,
    events,
    mixed_model,
)

kl, gate, bit_cost = (lambda: KLSchedule(n_train=64, start=5, end=10)), GateSchedule, (lambda: CostSchedule(1e-4))
CASES = {
    "variational": (lambda: VariationalDense(5, n_train=64), kl),
    "variational with every argument": (
        lambda: VariationalDense(
            5,
            n_train=64,
            kl_weight=0.5,
            initial_log_sigma2=-8.0,
            log_alpha_threshold=2.0,
            seed=3,
            activation="relu",
            use_bias=False,
            kernel_quantizer=quantized_bits(6, 1, alpha=1),
            kernel_initializer="he_normal",
            kernel_regularizer=keras.regularizers.L2(1e-4),
            name="named",
        ),
        kl,
    ),
    "variational quantised by text": (
        lambda: VariationalDense(5, n_train=64, kernel_quantizer=KERNEL, bias_quantizer=BIAS),
        kl,
    ),
    "ternary": (lambda: TernaryDense(5), None),
    "ternary tied, quantised": (
        lambda: TernaryDense(5, threshold=0.7, threshold_of="mean", tied=True, kernel_quantizer=KERNEL),
        None,
    ),
    "ternary by unit": (lambda: TernaryDense(5, scales_per="unit"), None),
    "ternary by quantile": (lambda: TernaryDense(5, threshold=0.5, threshold_of="quantile", use_bias=False), None),
    "masked": (lambda: MaskedDense(5, activation="relu"), None),
    "masked, quantised": (lambda: MaskedDense(5, kernel_quantizer=KERNEL, bias_quantizer=BIAS), None),
    "gate": (lambda: TopKGate(3), gate),
    "gate with every argument": (lambda: TopKGate(2, score_scale=5.0, name="named"), gate),
    "posterior": (lambda: PosteriorDense(5), bit_cost),
    "posterior with every argument": (
        lambda: PosteriorDense(
            5,
            cost_weight=1e-5,
            initial_log_sigma2=-9.0,
            initial_log_tau2=-7.0,
            input_precision="ap_fixed<8,4>",
            seed=3,
            activation="relu",
            use_bias=False,
            kernel_initializer="he_normal",
            kernel_regularizer=keras.regularizers.L2(1e-4),
            name="named",
        ),
        None,
    ),
    "selection": (lambda: FeatureSelection([0, 2, 5]), None),
}


class AsBits(TableLookup):
    """Tables of whether values are above 0: the common checks give no bits."""

    def call(self, inputs, training=False):
        return super().call(tf.cast(inputs > 0, inputs.dtype), training=training)


WORDS = Words.find(events()[0], tuple(f"word {index}" for index in range(N_FEATURES)), bits=8)
SOFT_GATES = {
    "cancel out": lambda: CancelOut(),
    "cancel out raw": lambda: CancelOut(penalty="raw", initial_weight=0.0, l1=0.01, l2=0.02, threshold=0.4),
}
OTHERS = {
    "quantizer": lambda: FixedPointQuantizer([4, 5, 6, 0, 3, 4], [1, 2, 2, 0, 1, 0], rounding="RND", overflow="SAT"),
    "quantizer of several signs": lambda: FixedPointQuantizer(5, 3, signed=[True, False, True, False, False, True]),
    "words": lambda: DetectorWords(WORDS),
    "collider": lambda: ColliderAugmentation(
        list("abcdef"), polar={"muon": ("a", "b", "c")}, cartesian={"tau": ("d", "e", None)}, missing=-1.0, name="named"
    ),
    "momenta": lambda: ColliderFeatures(
        list("abcdef"), {"muon": ("a", "b", "c")}, {"tau": ("d", "e", None)}, missing=None
    ),
    "momenta aligned": lambda: ColliderFeatures(
        list("abcdef"),
        polar={"muon": ("a", "b", "c")},
        cartesian={"tau": ("d", "e", "f")},
        missing=-1.0,
        reference="tau",
        other="muon",
        masses=False,
        name="named",
    ),
    "filled": lambda: FillMissing([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], missing=-1.0),
    "words cut to their highest bits": lambda: DetectorWords(WORDS.as_dict(), bits=3),
}
KEYS = [(0, 0.5), (5, -0.25), (0, 1.75), (2, 0.0)]
TABLES = {
    "keys of numbers": lambda: KeyBits(KEYS),
    "keys of a type": lambda: KeyBits(
        KEYS, bits=[(1, 0.5), (1, 2.0)], input_precision="ap_fixed<6,3>", surrogate_width=0.5, train_thresholds=False
    ),
    "lookup of bits": lambda: AsBits([[0, 2], [1], [], [5, 4, 3, 2, 1, 0]]),
    "segments of values": lambda: SegmentSum(2, [0, 1, 1, 0, 0, 1], step=0.25),
    "segments without offsets": lambda: SegmentSum(3, [0, 1, 1, 0, 0, 1], use_offset=False),
    "tables of keys": lambda: TableSum(2, KEYS, [[0, 1, 2], [3, 0]], [0, 1]),
    "tables with every argument": lambda: TableSum(
        2,
        KEYS,
        [[0, 1, 2, 3, 4, 5, 0], [3, 4]],
        [1, 0],
        bits=[(1, 0.5), (2, 1.0)],
        input_precision=FixedPoint([5, 6, 7, 5, 5, 4], [3, 3, 3, 2, 2, 2], rounding="RND", overflow="SAT"),
        step=[0.125, 0.5],
        offset_step=0.25,
        leaf_bits=[4, 5],
        surrogate_width=0.5,
        train_thresholds=False,
        train_leaves=True,
        max_keys=7,
        name="named",
    ),
}
OTHERS |= TABLES
EVERY = {name: make for name, (make, _) in CASES.items()} | SOFT_GATES | OTHERS
every_layer = pytest.mark.parametrize("make", EVERY.values(), ids=EVERY.keys())


def test_every_public_layer_has_a_case():
    public = {getattr(codesign.layers, name) for name in codesign.layers.__all__}
    classes = {entry for entry in public if inspect.isclass(entry) and not inspect.isabstract(entry)}
    layers = {entry for entry in classes if issubclass(entry, keras.layers.Layer)}
    covered = {kind for make in EVERY.values() for kind in (type(make()), type(make()).__base__)}
    assert layers - covered == set()


@every_layer
def test_shapes(make):
    check_shapes(make)


@every_layer
def test_config(make):
    check_config(make)


@every_layer
def test_gradients(make):
    check_gradients(make)


# The layer itself by default, with other arguments in the slow suite: each trains, and is loaded twice.
TRAINED = [
    pytest.param(*case, id=name, marks=[pytest.mark.slow] if " " in name else []) for name, case in CASES.items()
]


@pytest.mark.parametrize("make, schedule", TRAINED)
def test_fit_save_strip(make, schedule, tmp_path):
    check_fit_save_strip(make, [schedule()] if schedule else [], tmp_path)


@pytest.mark.parametrize(
    "make", [case for name, case in EVERY.items() if " " not in name], ids=[name for name in EVERY if " " not in name]
)
def test_magnitude_pruning(make):
    x, y = events()
    model, callbacks = prune_by_magnitude(mixed_model(make), 0.5, steps=10, frequency=1)
    model.compile("adam", "sparse_categorical_crossentropy", run_eagerly=True)
    model.fit(x, y, epochs=5, batch_size=32, verbose=0, callbacks=callbacks)
    for wrapper in model.layers:
        for kernel in wrapper.layer.get_prunable_weights() if hasattr(wrapper.layer, "get_prunable_weights") else []:
            assert np.mean(kernel.numpy() == 0) == pytest.approx(0.5, abs=0.5 / N_FEATURES)


@pytest.mark.parametrize("make", OTHERS.values(), ids=OTHERS.keys())
def test_a_compiled_graph_gives_the_same_bits(make):
    x = np.random.default_rng(0).normal(0, 30, (2000, N_FEATURES)).astype(np.float32)
    x[:1000] = np.rint(x[:1000] * 256) / 256
    layer = make()
    np.testing.assert_array_equal(tf.function(layer)(x), layer(x))
