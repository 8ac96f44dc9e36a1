"""Load a packaged sample by name, or a user's .npz by path."""

from dataclasses import replace
from importlib import resources
from os import PathLike
from pathlib import Path

import numpy as np

from codesign._arguments import checked
from codesign._untrusted import read_arrays
from codesign.data.checks import check_rows
from codesign.data.dataset import NOT_STATED, Dataset
from codesign.errors import DataError, UnreadableError, nearest

_ARRAYS = ("x_train", "y_train", "x_test", "y_test")
_TEST_SHARE = 0.2  # of events that come without a split
_SAMPLES = {
    "b_decay": (
        "REAL",
        "the sample of the NNDrone paper itself (scikit-hep/NNDrone, BSD-3, made with RapidSim): Bs -> J/psi phi (1) "
        "against D0 -> 4 pi (0), 6 features, the first half of each class for training; in its D0 decays one pion is "
        "used twice and one never",
    ),
    "hbb": (
        "GENERATED",
        "Pythia 8 + FastJet, boosted H -> bb (1) against QCD jets (0), pT > 250 GeV, anti-kT 1.0 with the two leading "
        "variable-radius track jets, 39 features; no pile-up, displaced tracks stand for the vertex fit; gradient "
        "boosting reaches an AUC of .959",
    ),
    "jets_hlf": (
        "GENERATED",
        "Pythia 8 + FastJet, 13 TeV, pT about 1 TeV, anti-kT 0.8, mMDT: the 16 features of the public "
        "'hls4ml LHC jets HLF' set, but not that set (harder: gradient boosting reaches .667 here, .76 there)",
    ),
    "quark_gluon": (
        "GENERATED",
        "Pythia 8 + FastJet, 14 TeV, quark jets of qg -> Wq (1) against gluon jets of gg -> gg (0), kt R = 0.4, pT > "
        "20 GeV, 17 features, as the NNDrone paper describes; its own background is not public; gradient boosting "
        "reaches an AUC of .807",
    ),
}


def samples() -> list[str]:
    """Return the names of the packaged samples."""
    return sorted(_SAMPLES)


@checked
def load_dataset(source: str | PathLike, *, kind: str = NOT_STATED) -> Dataset:
    """Load a sample by name, or a ``*.npz`` with x_train, y_train, x_test, y_test, and maybe features, classes.

    Args:
        source: a name from :func:`samples`, or a path.
        kind: of the events of a path: REAL, GENERATED or STAND-IN; a sample has its own, and another is refused.

    Raises:
        DataError: for an unknown name, or a file that is missing, truncated or lacks an array.
    """
    if str(source) in _SAMPLES:
        _check_kind(str(source), kind)
        kind, origin = _SAMPLES[str(source)]
        with resources.as_file(resources.files("codesign.data") / "samples" / f"{source}.npz") as path:
            return _dataset(_read(path), path, name=str(source), kind=kind, origin=origin)
    path = _path_of(source)
    return _dataset(_read(path), path, name=path.stem, kind=kind, origin=path.name)


@checked
def load_events(source: str | PathLike, *, kind: str = NOT_STATED) -> Dataset:
    """Load what :func:`load_dataset` loads, or events alone.

    A ``.npy``, or a ``.npz`` with ``x`` and optionally ``y``, ``features``. Events with more axes than one, such as
    images, become rows of features; the data set's `event_shape` says what they were. Of events alone, a fifth chosen
    at random is for testing. Without ``y`` all are of one class, ``event``.

    Raises:
        DataError: see :func:`load_dataset`.
    """
    if str(source) in _SAMPLES:
        return load_dataset(source, kind=kind)
    path = _path_of(source)
    arrays = _read(path)
    shapes = {arrays[key].shape[1:] for key in ("x", "x_train", "x_test") if key in arrays and arrays[key].ndim > 2}
    if len(shapes) == 1:
        arrays |= {
            key: arrays[key].reshape(len(arrays[key]), -1) for key in ("x", "x_train", "x_test") if key in arrays
        }
    if "x" in arrays and not set(_ARRAYS) & set(arrays):
        arrays |= _split(arrays, path)
    data = _dataset(arrays, path, name=path.stem, kind=kind, origin=path.name)
    return replace(data, event_shape=shapes.pop()) if len(shapes) == 1 else data


def _check_kind(sample: str, kind: str) -> None:
    own = _SAMPLES[sample][0]
    if kind not in (NOT_STATED, own):
        raise DataError(
            f"kind: expected {own}, which the sample {sample} is, or none. Received: {kind!r:.60}; leave it out"
        )


def _split(arrays: dict[str, np.ndarray], path: Path) -> dict[str, np.ndarray]:
    """Return what makes a data set of events alone."""
    x = arrays["x"]
    if x.ndim != 2 or len(x) < 2:
        raise DataError(
            f"data: expected x of shape (n_events, n_features), two events or more, in {path}. Received: {x.shape}"
        )
    y = arrays.get("y", np.zeros(len(x), int))
    if y.shape != (len(x),):
        raise DataError(f"data: expected y of shape ({len(x)},), as x, in {path}. Received: {y.shape}")
    test, train = np.split(np.random.default_rng(0).permutation(len(x)), [max(1, round(_TEST_SHARE * len(x)))])
    parts = {"x_train": x[train], "y_train": y[train], "x_test": x[test], "y_test": y[test]}
    return parts if "y" in arrays else {**parts, "classes": np.array(["event"])}


def _path_of(source: str | PathLike) -> Path:
    path = Path(source)
    if path.suffix not in (".npz", ".npy") and not path.exists():
        raise DataError(
            f"data: expected a sample ({', '.join(samples())}) or a path to a .npz. Received: "
            f"{source}{nearest(source, _SAMPLES)}"
        )
    return path


def _read(path: Path) -> dict[str, np.ndarray]:
    try:
        return read_arrays(path)
    except UnreadableError as error:
        raise DataError(f"data: expected a readable .npz or .npy. Received: {path} ({error})") from None


def _dataset(arrays: dict[str, np.ndarray], path: Path, *, name: str, kind: str, origin: str) -> Dataset:
    missing = [key for key in _ARRAYS if key not in arrays]
    if missing:
        raise DataError(f"data: expected arrays {', '.join(_ARRAYS)} in {path}. Missing: {', '.join(missing)}")
    x = arrays["x_train"]
    check_rows("x_train", x)
    n_features = x.shape[1]
    features = arrays.get("features", np.array([f"x{i}" for i in range(n_features)]))
    classes = arrays["classes"] if "classes" in arrays else _numbered_classes(arrays["y_train"], path)
    return Dataset(
        **{key: arrays[key] for key in _ARRAYS},
        features=_names(features, "features", path),
        classes=_names(classes, "classes", path),
        name=name,
        kind=kind,
        origin=origin,
    )


def _numbered_classes(y: np.ndarray, path: Path) -> np.ndarray:
    """Return 0, 1, ... for labels that are consecutive from 0; what is no label, or one below 0, Dataset says."""
    if y.ndim != 1 or not y.size or y.dtype.kind not in "iu":
        return np.array(["0"])
    labels = np.unique(y)
    counted = labels[labels >= 0]
    if len(counted) and int(counted[-1]) == len(counted) - 1:
        return counted.astype(str)
    consecutive = int(labels[-1]) - int(labels[0]) == len(labels) - 1 and labels[0] > 0
    what = (
        f"subtract {labels[0]} from y_train and y_test"
        if consecutive
        else "renumber them (numpy.unique with return_inverse)"
    )
    raise DataError(
        f"y_train: expected labels 0 to {len(labels) - 1}, without a gap, of {len(labels)} classes in {path}. "
        f"Received: {labels[0]} to {labels[-1]}; {what}, or name every class in an array 'classes'"
    )


def _names(values: np.ndarray, what: str, path: Path) -> tuple[str, ...]:
    """Return names that can go into tables, comments of C++ and figures."""
    if values.ndim != 1 or values.dtype.kind not in "Ufiu":
        raise DataError(f"{what}: expected a list of names in {path}. Received: {values.dtype} of shape {values.shape}")
    names = tuple(map(str, values))
    strange = next((name for name in names if not name or not name.isprintable()), None)
    if strange is not None:
        raise DataError(f"{what}: expected printable names in {path}. Received: {strange!r:.60}")
    return names
