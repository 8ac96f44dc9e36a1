"""The connection to a Dask scheduler."""

import logging
import warnings

from codesign.errors import EnvironmentSetupError, ToolError
from codesign.extras import install_hint
from codesign.jobs.addresses import check_greeting, no_answer

_ANSWERS_WITHIN_S = 10


def connected(address: str) -> object:
    """Return a client of the scheduler at an address.

    Raises:
        ToolError: for no answer within ten seconds, or another kind of server's.
        EnvironmentSetupError: if the extra ``cluster`` is missing.
    """
    try:
        from distributed import Client
    except ImportError:
        raise EnvironmentSetupError(f"dask needs dask.distributed: {install_hint('distributed')}") from None
    for name in ("distributed.client", "distributed.core", "distributed.comm", "distributed.batched"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is said in one line
    check_greeting(address, _ANSWERS_WITHIN_S)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other versions: they are checked, by name, in check_workers
            return Client(address, timeout=_ANSWERS_WITHIN_S, set_as_default=False, name="codesign")
    except OSError:  # a TimeoutError is one
        raise no_answer(address, _ANSWERS_WITHIN_S) from None
    except Exception as error:  # whatever another kind of server's answer makes of it
        raise ToolError(
            f"dask: expected a Dask scheduler at {address}. Received: another answer ({type(error).__name__}: {error})"
        ) from None
