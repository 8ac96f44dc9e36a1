import numpy as np
import pytest

from codesign.cpu import time_onnx
from codesign.drone import train_paper_teacher
from codesign.reproduce.drones.teacher_onnx import write_teacher_onnx


@pytest.mark.parametrize("n_inputs", [2, 6])
def test_the_file_gives_what_the_teacher_gives(n_inputs, tmp_path):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    rng = np.random.default_rng(0)
    x = rng.normal(3, 2, size=(300, n_inputs)).astype(np.float32)
    teacher = train_paper_teacher(x, (x[:, 0] > 3).astype(int), epochs=2, progress=False)
    write_teacher_onnx(teacher, tmp_path / "teacher.onnx")
    timings = time_onnx(
        tmp_path / "teacher.onnx", x, teacher.predict(x, verbose=0), batches=(1, 500), repeats=2, min_time_s=1e-4
    )
    assert [timing.batch for timing in timings] == [1, 500]
    for timing in timings:
        assert timing.ns_per_event > 0 and timing.largest_difference < 1e-5 and timing.call == "C API"
