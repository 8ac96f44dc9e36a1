"""Parquet, Feather, HDF5 and ROOT: opened by a process of its own, which writes the columns as plain arrays."""

from codesign.data.readers.foreign.call import open_foreign

__all__ = ["open_foreign"]
