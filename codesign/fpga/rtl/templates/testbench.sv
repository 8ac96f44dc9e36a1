// @{ name }@_tb: sends @{ events }@ events to @{ name }@, compares its outputs bit for bit, and its latency. It prints PASS or FAIL;
// after FAIL it ends with $fatal. Written by codesign; see README.md for how to run it.
`timescale 1 ns / 1 ps

module @{ name }@_tb;
    parameter INPUTS = "@{ name }@_inputs.hex";    // one event per line, the first input in the low bits
    parameter OUTPUTS = "@{ name }@_outputs.hex";  // what is expected
    localparam EVENTS = @{ events }@;
    localparam LATENCY = @{ latency }@;
    localparam INPUT_BITS = @{ input_bits }@;
    localparam OUTPUT_BITS = @{ output_bits }@;

    reg [INPUT_BITS-1:0] inputs [0:EVENTS-1];
    reg [OUTPUT_BITS-1:0] expected [0:EVENTS-1];
    reg clk, rst, valid_in;
    reg [INPUT_BITS-1:0] x;
    wire valid_out;
    wire [OUTPUT_BITS-1:0] y;
    integer cycle, sent, received, mismatches, first_sent, first_received;

    @{ name }@ dut (
        .clk(clk),
        .rst(rst),
        .valid_in(valid_in),
@% for place, pin, slice in inputs %@
        .@{ pin.port }@(x[@{ slice }@]),
@% endfor %@
        .valid_out(valid_out)@{ "," if outputs }@
@% for place, pin, slice in outputs %@
        .@{ pin.port }@(y[@{ slice }@])@{ "" if loop.last else "," }@
@% endfor %@
    );

    initial begin
        $readmemh(INPUTS, inputs);
        $readmemh(OUTPUTS, expected);
        clk = 0;
        rst = 1;
        valid_in = 1;  // what comes during a reset is not valid
        x = {INPUT_BITS{1'b1}};
        cycle = 0;
        sent = 0;
        received = 0;
        mismatches = 0;
        first_sent = -1;
        first_received = -1;
    end

    always #(@{ half_period_ns }@) clk = ~clk;

    // Everything is driven and looked at between two rising edges.
    always @(negedge clk) begin
        cycle = cycle + 1;
        if (valid_out !== 1'b0 && cycle > LATENCY + 2) begin
            if (received == 0) first_received = cycle;
            if (valid_out !== 1'b1 || received >= EVENTS) mismatches = mismatches + 1;
            else if (y !== expected[received]) begin
                mismatches = mismatches + 1;
                if (mismatches <= 10) $display("event %0d: expected %h, received %h", received, expected[received], y);
            end
            received = received + 1;
        end
        if (cycle > LATENCY + 2) begin
            rst = 0;
            if (sent < EVENTS && cycle % 7 != 0) begin  // a gap now and then
                if (sent == 0) first_sent = cycle;
                valid_in = 1;
                x = inputs[sent];
                sent = sent + 1;
            end else begin
                valid_in = 0;
                x = ~x;
            end
        end
        if (cycle > LATENCY + 2 + EVENTS + EVENTS / 3 + LATENCY + 20) finish;
    end

    task finish;
        begin
            if (mismatches == 0 && received == EVENTS && first_received - first_sent - 1 == LATENCY) begin
                $display("PASS: %0d of %0d events agree, latency %0d clocks", received, EVENTS, LATENCY);
                $finish;
            end else begin
                $display("FAIL: %0d mismatches in %0d outputs of %0d events, latency %0d clocks where %0d were expected",
                         mismatches, received, EVENTS, first_received - first_sent - 1, LATENCY);
                $fatal(1, "the outputs are not those of the network");
            end
        end
    endtask
endmodule
