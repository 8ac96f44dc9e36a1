// @{ name }@: one port for each value of an event. Written by codesign; see README.md.
//
// A new event may come at every clock. The outputs of an event that was sampled with valid_in appear with valid_out
// LATENCY clocks later, @{ latency }@ x @{ clock_ns }@ ns, and can be sampled at the next edge. rst is synchronous and clears the
// valid bits only; tie it to 0 if it is not needed. Without valid_in, tie that to 1.
`timescale 1 ns / 1 ps

module @{ name }@ (
    input  wire clk,
    input  wire rst,
    input  wire valid_in,
@% for place, pin, slice in inputs %@
    input  wire @{ "signed " if pin.signed }@[@{ pin.width - 1 }@:0] @{ pin.port }@,  // input @{ place }@, @{ described(pin) }@
@% endfor %@
    output wire valid_out@{ "," if outputs }@
@% for place, pin, slice in outputs %@
    output wire @{ "signed " if pin.signed }@[@{ pin.width - 1 }@:0] @{ pin.port }@@{ "" if loop.last else "," }@  // output @{ place }@, @{ described(pin) }@
@% endfor %@
);
    // verilator lint_off UNUSEDPARAM
    localparam LATENCY = @{ latency }@;
    localparam INITIATION_INTERVAL = 1;
    // verilator lint_on UNUSEDPARAM

    wire [@{ input_bits - 1 }@:0] packed_inputs;
    wire [@{ output_bits - 1 }@:0] packed_outputs;
@% for place, pin, slice in inputs %@
    assign packed_inputs[@{ slice }@] = @{ pin.port }@;
@% endfor %@
@% for place, pin, slice in outputs %@
    assign @{ pin.port }@ = packed_outputs[@{ slice }@];
@% endfor %@

    @{ name }@_bus packed_ports (
        .clk(clk), .rst(rst), .valid_in(valid_in), .x(packed_inputs), .valid_out(valid_out), .y(packed_outputs)
    );
endmodule
