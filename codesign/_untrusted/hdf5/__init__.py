"""HDF5 files as h5py writes them for Keras, read in Python: groups, attributes and arrays, within limits.

No libhdf5, which can crash or loop on a damaged file and follows links to other files.
"""

from codesign._untrusted.hdf5.tree import Dataset, Group, UnknownLayoutError, open_hdf5

__all__ = ["Dataset", "Group", "UnknownLayoutError", "open_hdf5"]
