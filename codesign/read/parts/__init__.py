"""What layers of any framework are made of, as nodes: windows, convolutions, pooling, norms, recurrences, attention.

Values have the channels last; each function takes a :class:`codesign.read.graph_builder.GraphBuilder`, the name of the
layer that the nodes come from, and the values.
"""
