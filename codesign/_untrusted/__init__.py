"""Readers of foreign files: one per format, with limits, and every failure an UnreadableError of one line.

Files are data. Nothing here runs code from a file, follows a link in it, or believes a size that it states.
"""

from codesign._untrusted.archives import LARGEST_UNPACKED, entries_of, read_entry
from codesign._untrusted.array_files import parse_array, read_arrays
from codesign._untrusted.json_text import parse_json
from codesign._untrusted.tars import is_tar, read_tar_entries, tar_entries_of
from codesign._untrusted.text import read_text
from codesign._untrusted.ubjson import parse_ubjson
from codesign._untrusted.xml_text import parse_xml
from codesign._untrusted.yaml_text import parse_yaml

__all__ = [
    "LARGEST_UNPACKED",
    "entries_of",
    "is_tar",
    "parse_array",
    "parse_json",
    "parse_ubjson",
    "parse_xml",
    "parse_yaml",
    "read_arrays",
    "read_entry",
    "read_tar_entries",
    "read_text",
    "tar_entries_of",
]
