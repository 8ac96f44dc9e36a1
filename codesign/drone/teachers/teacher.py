"""Teacher: any model as one function from events to probabilities or values, with the positive class known."""

from collections.abc import Sequence
from os import PathLike

import numpy as np

from codesign._arguments import checked
from codesign.drone.teachers.adapters import RawTeacher, read_teacher
from codesign.drone.teachers.files import load_teacher
from codesign.drone.teachers.inputs import TeacherInputs
from codesign.errors import CodesignError, ConfigError, DataError

OUTPUTS = ("probability", "logit", "value")
_BLOCK, _BLOCK_NUMBERS = 65536, 2**24
_SLACK = 1e-4  # float32 rounding of a probability


@checked
def as_teacher(
    teacher: object,
    *,
    positive: object = None,
    output: str | None = None,
    event_shape: Sequence[int] | None = None,
    mean: np.ndarray | None = None,
    std: np.ndarray | None = None,
    trust_pickle: bool = False,
) -> "Teacher":
    """Let a model teach a drone.

    Args:
        teacher: a function ``(n_events, n_inputs) -> (n_events,) or (n_events, n_outputs)``, or several of these,
            which the drone gives side by side, as it does the heads of a model; a model of tf_keras or
            Keras 3, scikit-learn (or anything with its methods), XGBoost or LightGBM (Boosters too), PyTorch; a model
            or session of ONNX; a :class:`codesign.Network`, its integers where it has types; the path of a file of any
            of these, or of any other that :func:`codesign.load_network` reads (:func:`codesign.drone.load_teacher`).
        positive: the class whose probability a binary classifier shall give: its label, or the column 0 or 1 where
            labels are unknown. Needed unless the labels are 0 and 1 (or False and True), of which 1 is meant. With more
            classes, it picks one of them.
        output: ``probability``; ``logit`` (a sigmoid or softmax is put behind it); ``value`` for a regressor. What the
            library says by default, else ``probability``, which is checked.
        event_shape: of one event, for a teacher of images or sequences that is given rows and whose library does not
            say its shape.
        mean, std: the teacher was trained on ``(x - mean) / std``: one number per feature, or per channel (the last
            axis).
        trust_pickle: open files that can run any program on opening.

    Raises:
        ConfigError: for a model that is not known or not fitted, or a positive class that is missing or not among the
            labels.
        EnvironmentSetupError: for an ONNX file where ONNX Runtime is missing.
        DataError: for a missing or damaged file, one of another kind, or one that is not trusted.

    Example:
        >>> import numpy as np
        >>> from sklearn.ensemble import RandomForestClassifier
        >>> from codesign import as_teacher
        >>> x = np.random.default_rng(0).normal(size=(200, 3))
        >>> forest = RandomForestClassifier(10, random_state=0).fit(x, x[:, 0] > 0)
        >>> as_teacher(forest).predict(x[:5]).shape
        (5, 1)
    """
    if output is not None and output not in OUTPUTS:
        raise ConfigError(f"output: expected one of {', '.join(OUTPUTS)}. Received: {output}")
    is_file = isinstance(teacher, (str, PathLike))
    raw = read_teacher(load_teacher(teacher, trust_pickle=trust_pickle) if is_file else teacher, output)
    if output is not None and raw.output is not None and output != raw.output:
        raise ConfigError(f"output: expected {raw.output}, which is what {raw.name} gives. Received: {output}")
    inputs = TeacherInputs.read(raw.event_shape or event_shape, mean, std)
    return Teacher(raw, positive, output or raw.output or "probability", inputs)


class Teacher:
    """One function from events to what a drone learns; made by :func:`as_teacher`.

    Args:
        raw: the model behind it.
        positive: label or column of the class to give.
        output: ``probability``, ``logit`` or ``value``.
        inputs: shape and standardisation of its events.
    """

    def __init__(self, raw: RawTeacher, positive: object, output: str, inputs: TeacherInputs) -> None:
        self._raw, self._positive, self._output, self._inputs = raw, positive, output, inputs
        self.n_outputs: int | None = None  # known once it was evaluated
        self._column = _column_of(raw, positive, output)

    @property
    def name(self) -> str:
        """What the model is, for messages."""
        return self._raw.name

    @property
    def kind(self) -> str:
        """``probability`` or ``value``."""
        return "value" if self._output == "value" else "probability"

    @property
    def reading(self) -> str:
        """How its outputs are taken, and who said so."""
        said = (
            " (as its library says)"
            if self._raw.output
            else " (assumed; output says otherwise)"
            if self._output == "probability"
            else ""
        )
        return {"probability": "probabilities", "logit": "logits", "value": "values"}[self._output] + said

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return (n_events, n_outputs) float32 for x, events of the teacher's shape or rows, evaluated in blocks.

        Raises:
            DataError: if the teacher fails, or gives another number of rows, NaN, or no probabilities.
            ConfigError: for two probabilities per event of which nobody said which one is meant.
        """
        x = np.asarray(x)
        if x.ndim < 2 or not x.size:
            raise DataError(
                f"x: expected shape (n_events, n_inputs), or more axes, with at least one event. Received: {x.shape}"
            )
        block = max(1, min(_BLOCK, _BLOCK_NUMBERS * len(x) // x.size))
        blocks = [self._evaluate(self._inputs.prepare(x[start : start + block])) for start in range(0, len(x), block)]
        outputs = np.concatenate(blocks)
        probabilities = self._pick(outputs) if self.kind == "probability" else outputs
        self.n_outputs = probabilities.shape[1]
        return np.ascontiguousarray(probabilities, np.float32)

    def _evaluate(self, x: np.ndarray) -> np.ndarray:
        try:
            heads = _heads(self._raw.evaluate(x), len(x))
        except CodesignError:
            raise
        except Exception as error:  # whatever a stranger's model raises
            reason = (str(error).strip().splitlines() or [""])[0]
            raise DataError(
                f"teacher: expected {self.name} to take events of shape {x.shape}. Received: {type(error).__name__}: "
                f"{reason}"
            ) from error
        heads = [head[:, None] if head.ndim == 1 else head for head in heads]
        wrong = next((head for head in heads if head.ndim != 2 or len(head) != len(x) or not head.shape[1]), None)
        if wrong is not None:
            raise DataError(
                f"teacher: expected {len(x)} rows, one per event. Received: shape {wrong.shape} from {self.name}"
            )
        outputs = np.concatenate(heads, 1)
        bad = int((~np.isfinite(outputs)).any(1).sum())
        if bad:
            raise DataError(
                f"teacher: expected finite outputs. Received: NaN or inf for {bad} of {len(x)} events from {self.name}"
            )
        return np.concatenate([self._to_probability(head) for head in heads], 1)

    def _to_probability(self, outputs: np.ndarray) -> np.ndarray:
        if self._output == "logit":
            n_outputs = outputs.shape[1]
            shifted = np.exp(outputs - outputs.max(1, keepdims=True)) if n_outputs > 1 else None
            return shifted / shifted.sum(1, keepdims=True) if n_outputs > 1 else np.exp(-np.logaddexp(0, -outputs))
        if self._output == "probability" and (outputs.min() < -_SLACK or outputs.max() > 1 + _SLACK):
            raise DataError(
                f"teacher: expected probabilities (0 to 1). Received: {outputs.min():.4g} to {outputs.max():.4g} "
                f"from {self.name}; say output='logit' or output='value' if that is what they are"
            )
        return outputs if self._output == "value" else np.clip(outputs, 0, 1)

    def _pick(self, outputs: np.ndarray) -> np.ndarray:
        """Return the column of the positive class where one was asked for or is needed."""
        classes, column = self._raw.classes, self._column
        n_columns = outputs.shape[1]
        if classes is not None and n_columns not in (len(classes), 1 if len(classes) == 2 else len(classes)):
            raise DataError(
                f"teacher: expected a column for each of {len(classes)} classes. Received: {n_columns} from {self.name}"
            )
        if n_columns == 1:
            return 1 - outputs if column == 0 else outputs
        if column is None and n_columns == 2 and np.allclose(outputs.sum(1), 1, atol=1e-3):
            raise ConfigError(
                f"positive: expected 0 or 1, the column that a drone of {self.name} shall give, "
                "as it gives two probabilities. Received: None"
            )
        if column is not None and column >= n_columns:
            raise ConfigError(f"positive: expected a column from 0 to {n_columns - 1}. Received: {column}")
        return outputs if column is None else outputs[:, [column]]


def _heads(outputs: object, n_events: int) -> list[np.ndarray]:
    """Return what a teacher gives, one array or several, which the drone has side by side; a list of rows is one."""
    if isinstance(outputs, (list, tuple)):
        ranks = {np.ndim(one) for one in outputs}
        if ranks == {2} or (ranks <= {1, 2} and len(outputs) != n_events):
            return [np.asarray(one, np.float64) for one in outputs]
    return [np.asarray(outputs, np.float64)]


def _column_of(raw: RawTeacher, positive: object, output: str) -> int | None:
    """Return the column of the positive class; a wrong one would make an inverted drone, so none is guessed."""
    if output == "value":
        if positive is not None:
            raise ConfigError(f"positive: expected none for a teacher of values. Received: {positive}")
        return None
    if raw.classes is None:
        if positive is not None and (not isinstance(positive, (int, np.integer)) or positive < 0):
            raise ConfigError(
                f"positive: expected the number of a column, since {raw.name} names no classes. Received: {positive!r}"
            )
        return None if positive is None else int(positive)
    if positive is not None:
        if positive not in raw.classes:
            raise ConfigError(
                f"positive: expected one of the classes {list(raw.classes)} of {raw.name}. Received: {positive!r}"
            )
        return raw.classes.index(positive)
    if len(raw.classes) == 2 and set(raw.classes) != {0, 1}:
        raise ConfigError(
            f"positive: expected one of the classes {list(raw.classes)} of {raw.name}, "
            "whose probability the drone shall give. Received: None"
        )
    return raw.classes.index(1) if len(raw.classes) == 2 else None
