"""Generated C++ of a fixed-point network: the integers of the hardware, bit for bit."""

from codesign.export.cpp_integer.header import cpp_integer_source, write_cpp_integer

__all__ = ["cpp_integer_source", "write_cpp_integer"]
