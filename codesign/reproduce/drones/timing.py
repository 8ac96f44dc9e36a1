"""What leaving Keras brings, and what the drone brings: teacher and drone, in Keras and out of it, side by side."""

import tempfile
import time
from pathlib import Path

import numpy as np

from codesign._keras import keras
from codesign.cpu import runtimes, time_network, time_onnx
from codesign.cpu.side_by_side import time_side_by_side
from codesign.drone import Drone
from codesign.reproduce.drones.settings import DronesSettings
from codesign.reproduce.drones.teacher_onnx import write_teacher_onnx

_KERAS_CALLS = 200
_COMPARED_EVENTS = 1000


def time_rows(teacher: keras.Model, drone: Drone, settings: DronesSettings) -> list[dict]:
    """Return rows of network, runtime, call, batch, threads, ns_per_event (CPU time, median)."""
    rows = [_keras_row("teacher", teacher), _keras_row("drone", drone.model)]
    for batch in settings.batches:
        samples = time_side_by_side({"teacher": teacher}, batch, rounds=settings.repeats)["teacher"]
        rows.append(_row("teacher", "litert", "Python", batch, float(np.median(samples))))
    if not runtimes()["onnxruntime"]:
        rows += _onnx_rows(teacher, settings)
    for timing in time_network(drone, batches=settings.batches, repeats=settings.repeats):
        rows.append(_row("drone", timing.runtime, timing.call, timing.batch, timing.cpu_ns))
    return rows


def _onnx_rows(teacher: keras.Model, settings: DronesSettings) -> list[dict]:
    x = np.random.default_rng(0).standard_normal((_COMPARED_EVENTS, teacher.input_shape[-1])).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "teacher.onnx")
        write_teacher_onnx(teacher, path)
        outputs = teacher.predict(x, verbose=0)
        timings = time_onnx(path, x, outputs, name="teacher", batches=settings.batches, repeats=settings.repeats)
    return [_row("teacher", timing.runtime, timing.call, timing.batch, timing.cpu_ns) for timing in timings]


def _keras_row(name: str, model: keras.Model) -> dict:
    """One event by ``model(x)``, as the paper times it."""
    event, samples = np.zeros((1, model.input_shape[-1]), np.float32), []
    for _ in range(_KERAS_CALLS):
        start = time.thread_time_ns()
        model(event, training=False)
        samples.append(time.thread_time_ns() - start)
    return _row(name, "keras model(x)", "Python", 1, float(np.median(samples)))


def _row(network: str, runtime: str, call: str, batch: int, ns: float) -> dict:
    return {"network": network, "runtime": runtime, "call": call, "batch": batch, "threads": 1, "ns_per_event": ns}
