"""Networks of thresholds, tables and sums as LUTs and carry chains, each cell as it will lie in the FPGA."""
