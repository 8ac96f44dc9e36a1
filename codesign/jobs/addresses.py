"""Where a Dask scheduler is."""

import re
from pathlib import Path

from codesign._untrusted import parse_json, read_text
from codesign.errors import ConfigError, UnreadableError

_ADDRESS = re.compile(r"(tcp|tls|ws|wss)://[^\s/]+:\d{1,5}")


def scheduler_address(dask: str) -> str:
    """Return the address that was given, or that a scheduler's file holds.

    Raises:
        ConfigError: for neither.
    """
    if _ADDRESS.fullmatch(dask):
        return dask
    expected = "dask: expected an address such as tcp://host:8786, or the file that a scheduler wrote. Received: "
    if "://" in dask or not Path(dask).is_file():
        raise ConfigError(f"{expected}{dask}")
    try:
        address = parse_json(read_text(dask))["address"]
    except (UnreadableError, KeyError, TypeError) as error:
        raise ConfigError(f"{expected}{dask}, which is none ({error})") from None
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
        raise ConfigError(f"{expected}{dask}, which holds {address!r}")
    return address
