# The clock of @{ name }@, whose ports all end at registers. Out of context there is nothing else to constrain.
create_clock -name clk -period @{ clock_ns }@ [get_ports clk]
