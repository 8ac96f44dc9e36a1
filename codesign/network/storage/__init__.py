"""Networks as JSON files: every float reads back to the same bits, and everything that is read is checked."""

from codesign.network.storage.files import load_network, save_network

__all__ = ["load_network", "save_network"]
