"""Any Keras models in LiteRT's Python interpreter, side by side.

Also those that are no chain of layers, which `time_networks` needs. TFLite with XNNPACK, one thread, the call of invoke
only; the overhead of Python's call, about 0.1 us, is inside.
"""

import time
from collections.abc import Mapping

import numpy as np

from codesign._keras import keras
from codesign.export.tflite.file import convert, load_interpreter

_TIME_PER_SAMPLE_S = 2e-3


def time_side_by_side(models: Mapping[str, keras.Model], batch: int, *, rounds: int = 30) -> dict[str, list[float]]:
    """Return CPU time per event in ns of every model in every round.

    A round runs all models, so that they share its conditions. Only the thread's own CPU time counts, so that other
    programs on the machine cost little. One sample is the mean of as many calls as take 2 ms.

    Args:
        models: fed (n_events, n_features) float32.
        batch: events per call.
        rounds: samples of each model.
    """
    interpreters = {name: _interpreter(model, batch) for name, model in models.items()}
    calls = {name: max(1, round(_TIME_PER_SAMPLE_S / (_sample(one, 3) * 1e-9))) for name, one in interpreters.items()}
    samples: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(rounds):
        for name, interpreter in interpreters.items():
            samples[name].append(_sample(interpreter, calls[name]) / batch)
    return samples


def _sample(interpreter: object, calls: int) -> float:
    """Return CPU time of one call, ns."""
    start = time.thread_time_ns()
    for _ in range(calls):
        interpreter.invoke()
    return (time.thread_time_ns() - start) / calls


def _interpreter(model: keras.Model, batch: int) -> object:
    n_features = int(model.input_shape[-1])
    interpreter = load_interpreter(
        convert(lambda x: model(x, training=False), {"x": (n_features,)}, owner=model, batch=batch), batch
    )
    x = np.random.default_rng(0).standard_normal((batch, n_features)).astype(np.float32)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
    interpreter.invoke()
    return interpreter
