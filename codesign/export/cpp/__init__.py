"""Generated C++: the network as one header, evaluated several events per register."""

from codesign.export.cpp.header import cpp_source, write_cpp

__all__ = ["cpp_source", "write_cpp"]
