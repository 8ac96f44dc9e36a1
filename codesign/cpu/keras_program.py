"""Keras in a process of its own, by the protocol of ``native/harness.cpp``; the calls are Python's.

``python -m codesign.cpu.keras_program EVENTS INPUTS OUTPUTS THREADS X Y MODEL call|predict``
"""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from codesign.cpu.generated import fold_standardisation
from codesign.cpu.runtime import Program
from codesign.export import FloatChain


def prepare_keras(chain: FloatChain, folder: Path, _: np.ndarray, *, call: str = "call") -> Program:
    """Keras: ``model(x)``, or with ``call="predict"`` ``model.predict(x)`` of all events as one batch."""
    path = folder / "keras.npz"
    layers = fold_standardisation(chain).layers
    arrays = {f"kernel_{index}": layer.kernel for index, layer in enumerate(layers)}
    arrays |= {f"bias_{index}": layer.bias for index, layer in enumerate(layers)}
    np.savez(path, activations=np.array([layer.activation for layer in layers]), **arrays)
    return Program((sys.executable, "-m", "codesign.cpu.keras_program"), (str(path), call))


def main(words: Sequence[str]) -> None:
    """Serve times until standard input ends."""
    events, n_inputs, n_outputs, threads = map(int, words[:4])
    x_path, y_path, model_path, call = words[4:8]
    function = _function(model_path, call, np.fromfile(x_path, np.float32).reshape(events, n_inputs), threads)
    np.asarray(function(), np.float32).reshape(events, n_outputs).tofile(y_path)
    print("ready", flush=True)
    for line in sys.stdin:
        print(*_sample(function, int(line)), flush=True)


def _function(path: str, call: str, x: np.ndarray, threads: int) -> Callable[[], np.ndarray]:
    from codesign._keras import keras, tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    arrays = np.load(path)
    model = keras.Sequential([keras.Input(x.shape[1:])])
    for index, activation in enumerate(arrays["activations"]):
        model.add(keras.layers.Dense(arrays[f"bias_{index}"].size, activation=str(activation)))
        model.layers[-1].set_weights([arrays[f"kernel_{index}"], arrays[f"bias_{index}"]])
    if call == "predict":
        return lambda: model.predict(x, batch_size=len(x), verbose=0)
    tensor = tf.constant(x)
    return lambda: model(tensor, training=False).numpy()


def _sample(function: Callable[[], np.ndarray], calls: int) -> tuple[float, float]:
    """Return wall and CPU time of all calls, s."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(calls):
        function()
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main(sys.argv[1:])
