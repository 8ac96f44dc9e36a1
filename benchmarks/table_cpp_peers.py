"""Tree ensembles of other libraries, trained to an accuracy and behind one C function each."""

import ctypes
import os
import subprocess  # nosec B404  # compilers of the machine, by a list of words
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codesign.export.cpp_library import COMPILER_FLAGS, LIBRARY_FLAGS, compile_cpp

_SOURCE = Path(__file__).with_suffix(".cpp")
_LLEAVES = """
import sys, lleaves
model = lleaves.Model(sys.argv[1])
model.compile(cache=sys.argv[2], raw_score=True, use_fp64=False, fblocksize=model.num_trees())
"""
_DEPTHS, _MOST_ROUNDS, _RATE = (3, 4, 5, 6), 60, 0.5


@dataclass(frozen=True, eq=False)
class Task:
    """Events of several classes.

    Args:
        x_train, x_test: (n_events, n_features).
        y_train, y_test: (n_events,) classes from 0.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray

    @property
    def n_classes(self) -> int:
        """Of the labels."""
        return int(self.y_train.max()) + 1

    def accuracy(self, scores: np.ndarray) -> float:
        """Return the share of test events whose class has the largest score."""
        return float((scores.argmax(1) == self.y_test).mean())


@dataclass(frozen=True, eq=False)
class Peer:
    """A predictor.

    Args:
        name: of the library.
        run: C function (events, scores, n), events float32.
        dtype: of the scores.
        size: text.
    """

    name: str
    run: ctypes.c_void_p
    dtype: type
    size: str


def compile_peers(folder: Path, name: str, source: str | None, flags: Sequence[str]) -> ctypes.CDLL:
    """Compile a source, or the peers' own with macros, and load it."""
    path = folder / f"{name}.cpp"
    path.write_text(_SOURCE.read_text() if source is None else source)
    ends = [one for one in flags if one.endswith((".o", ".so")) or one.startswith("-Wl")]
    compiled = [*COMPILER_FLAGS, *(one for one in flags if one not in ends), *LIBRARY_FLAGS]
    compile_cpp(path, folder / f"{name}.so", flags=[*compiled, *ends])
    library = ctypes.CDLL(str(folder / f"{name}.so"))
    if source is None:
        library.time_calls.restype = ctypes.c_double
        library.time_calls.argtypes = [ctypes.c_void_p, *[ctypes.c_void_p, ctypes.c_size_t] * 2, *[ctypes.c_size_t] * 2]
    return library


def _compiled(task: Task, folder: Path, name: str, *flags: str) -> ctypes.CDLL:
    sizes = [f"-DN_FEATURES={task.x_test.shape[1]}", f"-DN_CLASSES={task.n_classes}"]
    return compile_peers(folder, f"peer_{name}", None, [f"-DWITH_{name.upper()}", *sizes, *flags])


def _shared(path: Path) -> list[str]:
    return ["-Wl,--no-as-needed", str(path), f"-Wl,-rpath,{path.parent}"]


def _smallest(task: Task, wanted: float, train: Callable) -> tuple[object, str]:
    """Return the boosted trees that reach an accuracy with the fewest nodes visited, and their size.

    Args:
        train: of depth and rounds, gives a model and its scores of test events.
    """
    found = []
    for depth in _DEPTHS:
        for rounds in range(1, _MOST_ROUNDS):
            model, scores = train(depth, rounds)
            if task.accuracy(scores) >= wanted:
                found.append((rounds * depth, depth, rounds, model))
                break
    _, depth, rounds, model = min(found, key=lambda one: one[0])
    return model, f"{rounds * task.n_classes} trees, depth {depth}"


def _train_xgboost(task: Task, wanted: float) -> tuple[object, str]:
    import xgboost

    data, test = xgboost.DMatrix(task.x_train, task.y_train), xgboost.DMatrix(task.x_test)
    options = {
        "objective": "multi:softprob",
        "num_class": task.n_classes,
        "eta": _RATE,
        "nthread": 1,
        "base_score": 0.5,
    }

    def train(depth: int, rounds: int) -> tuple[object, np.ndarray]:
        model = xgboost.train(options | {"max_depth": depth}, data, rounds)
        return model, model.predict(test)

    return _smallest(task, wanted, train)


def _train_lightgbm(task: Task, wanted: float) -> tuple[object, str]:
    import lightgbm

    data = lightgbm.Dataset(task.x_train, task.y_train, free_raw_data=False)
    options = {"objective": "multiclass", "num_class": task.n_classes, "learning_rate": _RATE, "num_threads": 1}

    def train(depth: int, rounds: int) -> tuple[object, np.ndarray]:
        own = options | {"max_depth": depth, "num_leaves": 2**depth, "verbose": -1}
        model = lightgbm.train(own, data, rounds)
        return model, model.predict(task.x_test)

    return _smallest(task, wanted, train)


def xgboost(task: Task, wanted: float, folder: Path) -> Peer:
    """XGBoost by its C API."""
    import xgboost as library

    model, size = _train_xgboost(task, wanted)
    model.save_model(folder / "xgboost.json")
    path = Path(library.__file__).parent / "lib" / "libxgboost.so"
    compiled = _compiled(task, folder, "xgboost", *_shared(path))
    _check(compiled.xgboost_load(str(folder / "xgboost.json").encode()))
    return Peer("XGBoost", compiled.xgboost_run, np.float32, size)


def lightgbm(task: Task, wanted: float, folder: Path) -> Peer:
    """LightGBM by its C API."""
    import lightgbm as library

    model, size = _train_lightgbm(task, wanted)
    model.save_model(folder / "lightgbm.txt")
    path = Path(library.__file__).parent / "lib" / "lib_lightgbm.so"
    compiled = _compiled(task, folder, "lightgbm", *_shared(path))
    _check(compiled.lightgbm_load(str(folder / "lightgbm.txt").encode()))
    return Peer("LightGBM", compiled.lightgbm_run, np.float64, size)


def conifer(task: Task, wanted: float, folder: Path) -> Peer:
    """conifer's C++ of the XGBoost model, floats."""
    import conifer as library
    import tensorflow

    model, size = _train_xgboost(task, wanted)
    config = {"Backend": "cpp", "ProjectName": "peer", "OutputDir": str(folder / "conifer"), "Precision": "float"}
    library.converters.convert_from_xgboost(model, config).write()
    headers = Path(library.__file__).parent / "backends" / "cpp" / "include"
    json_headers = next(Path(tensorflow.sysconfig.get_include()).rglob("nlohmann/json.hpp")).parent.parent
    compiled = _compiled(task, folder, "conifer", f"-I{headers}", f"-I{json_headers}", "-w")
    _check(compiled.conifer_load(str(folder / "conifer" / "peer.json").encode()))
    return Peer("conifer", compiled.conifer_run, np.float32, size)


def treelite(task: Task, wanted: float, folder: Path) -> Peer:
    """The C that treelite and tl2cgen generate of the XGBoost model, inlined where the linker can."""
    import tl2cgen
    import treelite as library

    model, size = _train_xgboost(task, wanted)
    target = folder / "treelite"
    tl2cgen.generate_c_code(library.frontend.from_xgboost(model), target, params={"quantize": 1})
    command = ["gcc", "-O3", "-march=native", "-fPIC", "-c", *map(str, sorted(target.glob("*.c")))]
    subprocess.run(command, cwd=target, check=True)  # nosec B603
    compiled = _compiled(task, folder, "treelite", *map(str, sorted(target.glob("*.o"))))
    return Peer("treelite (tl2cgen)", compiled.treelite_run, np.float32, size)


def lleaves(task: Task, wanted: float, folder: Path) -> Peer:
    """The machine code that lleaves makes of the LightGBM model."""
    python = os.environ.get("LLEAVES_PYTHON", sys.executable)
    if subprocess.run([python, "-c", "import lleaves"], capture_output=True).returncode:  # nosec B603
        raise ImportError(f"no lleaves for {python}; LLEAVES_PYTHON names another interpreter")
    model, size = _train_lightgbm(task, wanted)
    model.save_model(folder / "lleaves.txt")
    subprocess.run([python, "-c", _LLEAVES, "lleaves.txt", "lleaves.o"], cwd=folder, check=True)  # nosec B603
    compiled = _compiled(task, folder, "lleaves", str(folder / "lleaves.o"))
    return Peer("lleaves", compiled.lleaves_run, np.float32, size)


def _check(status: int) -> None:
    if status:
        raise RuntimeError(f"expected status 0 of a model that is loaded. Received: {status}")


PEERS = (xgboost, lightgbm, conifer, treelite, lleaves)
