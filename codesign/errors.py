"""Every exception of the package, under one common base.

Messages are one line and say which argument, what was expected, what came, and what to do.
The command line prints the line and exits with status 1.
"""

import difflib
from collections.abc import Iterable

from codesign._printable import one_line


class CodesignError(Exception):
    """Base of every error that codesign raises on purpose.

    What a file or a user put into its message is made printable.

    Example:
        >>> from codesign import CodesignError, load_dataset
        >>> try:
        ...     load_dataset("jets_hfl")
        ... except CodesignError as error:
        ...     print(str(error)[-35:])
        jets_hfl (did you mean 'jets_hlf'?)
    """

    def __init__(self, message: object = "") -> None:
        super().__init__(one_line(message))


class ConfigError(CodesignError):
    """Raised when project.yml, or an argument, has an unknown key or an impossible value."""


class DataError(CodesignError):
    """Raised when a file is missing or unreadable, or data hold NaN, inf or the wrong shape."""


class LabelError(DataError, ValueError):
    """Raised by estimators for labels of one class; a ValueError, as scikit-learn's are."""


class UnreadableError(DataError):
    """Raised when a file's content is damaged, foreign, or beyond the limits of its reader.

    The message is the reason alone.
    """


class UnsupportedLayerError(CodesignError):
    """Raised when a model holds a layer, activation or quantizer that has no place in a Network."""


class PrecisionError(CodesignError):
    """Raised when a fixed-point format is malformed, or too narrow for the values it must hold."""


class HalfPrecisionWarning(UserWarning):
    """Given when a model computes in half precision, whose rounding errors the network that was read does not make."""


class SaturationWarning(UserWarning):
    """Given when values saturate in the range that a network was trained with, as they did in the training."""


class UncheckedWarning(UserWarning):
    """Given when a file could not be compared with its model, because what runs it is not installed."""


class AssumptionWarning(UserWarning):
    """Given when the file of a model does not state something, and the message says what was assumed."""


class SingleCopyWarning(UserWarning):
    """Given when a model evaluates each event once, where the classifier that it is of averages over copies of it."""


class MissingValueWarning(UserWarning):
    """Given when columns hold a value, such as -999, that may stand for one that does not exist, and nobody said so."""


class UnfinishedWarning(UserWarning):
    """Given when a training ended before a callback did what it was there for."""


class ReuseFactorError(CodesignError):
    """Raised when hls4ml cannot build a layer with the reuse factor that was asked for."""


class BudgetError(CodesignError):
    """Raised when no design fits the budget; the message names the nearest limit."""


class TrainingError(CodesignError):
    """Raised when a training diverges, when weights are NaN or inf, or when a training layer is not finished."""


class ReportError(CodesignError):
    """Raised when a tool's report is truncated or is not a report that is known."""


class ToolError(CodesignError):
    """Raised when an external tool is missing, fails, or runs out of its time limit."""


class AgreementError(CodesignError):
    """Raised when implementations that must agree bit for bit do not, or a built design is not what was picked."""


class EnvironmentSetupError(CodesignError):
    """Raised when Keras 3 came up before codesign could choose Keras 2, or an extra is missing."""


def nearest(name: object, known: Iterable[str]) -> str:
    """Return " (did you mean 'x'?)" for the known word nearest to `name`, in any case, or an empty string."""
    words = {str(word).casefold(): word for word in known}
    close = difflib.get_close_matches(str(name).casefold(), list(words), n=1, cutoff=0.5)
    return f" (did you mean '{words[close[0]]}'?)" if close else ""
