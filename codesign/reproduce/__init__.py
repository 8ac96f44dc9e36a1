"""The papers' tables, each by one command: ``codesign reproduce NAME``.

Every room or file NAME here has ``make_study(...)``, which returns a :class:`Study` for the options of that table, and
:func:`run_study` runs any of them: it goes on where it was when it was stopped. TensorFlow loads with a name's first
use.
"""

from codesign._lazy_names import lazy_names

_LAZY = {"Study": "codesign.reproduce.study", "run_study": "codesign.reproduce.runner"}

__all__ = ["Study", "run_study"]
__getattr__ = lazy_names(__name__, _LAZY)
