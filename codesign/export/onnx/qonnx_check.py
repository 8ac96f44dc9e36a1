"""Whether a QONNX file holds a network's integers."""

from os import PathLike

import numpy as np

from codesign.errors import AgreementError
from codesign.export.agreement import Agreement
from codesign.network import Network
from codesign.read import read_file


def check_qonnx(network: Network, path: str | PathLike, x: np.ndarray, *, name: str) -> Agreement:
    """Compare what a file holds with :meth:`Network.emulate`.

    Args:
        x: (n_events, n_inputs).
        name: of the file, for the message.

    Raises:
        AgreementError: for any difference.
    """
    expected, received = network.emulate(x), read_file(path).network.emulate(x)
    if not np.array_equal(expected, received):
        wrong = int((expected != received).any(1).sum())
        raise AgreementError(
            f"{name}: expected the integers of Network.emulate. Received: others in {wrong} of {len(x)} events; please "
            "report the network"
        )
    return Agreement(0.0, len(x), 0)
