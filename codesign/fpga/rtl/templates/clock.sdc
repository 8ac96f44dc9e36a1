# The clock of @{ name }@, whose ports all end at registers.
create_clock -name clk -period @{ clock_ns }@ [get_ports clk]
derive_clock_uncertainty
