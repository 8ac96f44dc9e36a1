"""A Network's own JSON."""

from codesign.model_files import ModelFile
from codesign.network.storage import load_network
from codesign.read.options import ReadOptions
from codesign.read.reading import Reading


def read_network(file: ModelFile, options: ReadOptions) -> Reading:
    """Read what :meth:`codesign.Network.save` wrote; the file leaves nothing open.

    Raises:
        DataError: for a damaged file, or one of a version that is not known.
    """
    return Reading(load_network(file.path), about={"format": "codesign-network"})
