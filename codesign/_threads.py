"""One thread for the libraries of this process, where processes share the cores."""

from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager:
    """Return a context in which BLAS and OpenMP take one thread each.

    They are looked for once: it takes 2 ms, as long as a small piece of work.
    """
    return _libraries().limit(limits=1)


@cache
def _libraries() -> "ThreadpoolController":
    from threadpoolctl import ThreadpoolController  # which looks for libraries as it is imported

    return ThreadpoolController()
