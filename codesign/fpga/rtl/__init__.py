"""A network as adders: the adder graph, the Verilog written from it, its simulation and its synthesis by Yosys."""
