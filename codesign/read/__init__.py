"""Models of other libraries to networks, and back: a front end is a file or a small package here that gives a Reading.

Nothing in a file is run, and reading imports neither the library that wrote it nor Keras.
"""

from codesign.read.files import ReadOptions, read_file
from codesign.read.names import Names
from codesign.read.objects import read_object
from codesign.read.reading import Reading

__all__ = ["Names", "ReadOptions", "Reading", "read_file", "read_object"]
