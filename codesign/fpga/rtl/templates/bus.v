// @{ name }@_bus: @{ name }@ with all inputs on one bus and all outputs on another. Written by codesign; see README.md.
//
@% for place, pin, slice in inputs %@
// x[@{ slice }@] input @{ place }@, @{ described(pin) }@
@% endfor %@
@% for place, pin, slice in outputs %@
// y[@{ slice }@] output @{ place }@, @{ described(pin) }@
@% endfor %@
`timescale 1 ns / 1 ps

module @{ name }@_bus (
    input  wire clk,
    input  wire rst,
    input  wire valid_in,
    // verilator lint_off UNUSEDSIGNAL
    input  wire [@{ input_bits - 1 }@:0] x,
    // verilator lint_on UNUSEDSIGNAL
    output wire valid_out,
    output wire [@{ output_bits - 1 }@:0] y
);
    localparam LATENCY = @{ latency }@;

    wire [@{ core_inputs - 1 }@:0] model_inp;
    wire [@{ core_outputs - 1 }@:0] model_out;
@% for line in assignments %@
    @{ line }@
@% endfor %@

    @{ core }@ core (.clk(clk), .model_inp(model_inp), .model_out(model_out));

    reg [LATENCY:0] valid;  // one bit for each row of registers
    initial valid = 0;
    assign valid_out = valid[LATENCY];
    always @(posedge clk) begin
        if (rst) valid <= 0;
        else valid <= {valid[LATENCY-1:0], valid_in};
    end
endmodule
