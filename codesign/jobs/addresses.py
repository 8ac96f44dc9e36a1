"""Where a Dask scheduler is."""

import re
import socket
from pathlib import Path

from codesign._untrusted import parse_json, read_text
from codesign.errors import ConfigError, ToolError, UnreadableError

_ADDRESS = re.compile(r"(tcp|tls|ws|wss)://[^\s/]+:\d{1,5}")
_LARGEST_GREETING = 2**20  # bytes


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


def check_greeting(address: str, wait_s: float) -> None:
    """Check that a Dask scheduler is at an address, of tcp: it speaks first, with the length of what it says.

    distributed's own client waits for minutes for another kind of server, or takes its answer for a length.

    Raises:
        ToolError: for silence, or another kind of answer.
    """
    if not address.startswith("tcp://"):
        return
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=wait_s) as connection:
            said = connection.recv(8, socket.MSG_WAITALL)
    except (OSError, OverflowError):  # a TimeoutError is one
        raise no_answer(address, wait_s) from None
    if len(said) < 8 or int.from_bytes(said, "little") > _LARGEST_GREETING:
        raise ToolError(f"dask: expected a Dask scheduler at {address}. Received: an answer of another kind of server")


def no_answer(address: str, wait_s: float) -> ToolError:
    """Return the error of a scheduler that does not answer."""
    return ToolError(
        f"dask: expected a scheduler at {address} that answers in {wait_s:g} s. Received: no answer; start one with "
        "dask scheduler, or look whether a firewall is between"
    )
