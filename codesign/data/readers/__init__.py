"""Readers of tables of events: files of every format, and data frames. Each gives columns of numbers or text."""

from codesign.data.readers.csv_text import number_of_cell
from codesign.data.readers.frames import is_frame
from codesign.data.readers.opened import Opened
from codesign.data.readers.sources import Files, files_of
from codesign.data.readers.table import NUMBERS, TEXT, Table
from codesign.data.readers.tables import line_of_event, open_arrays, open_frames, open_tables

__all__ = [
    "NUMBERS",
    "TEXT",
    "Files",
    "Opened",
    "Table",
    "files_of",
    "is_frame",
    "line_of_event",
    "number_of_cell",
    "open_arrays",
    "open_frames",
    "open_tables",
]
