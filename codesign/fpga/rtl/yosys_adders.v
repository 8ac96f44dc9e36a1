// For Yosys' techmap, before it looks for chains of additions: what an adder graph holds, as the cells that suit an FPGA.

// An addition stays a carry chain of its own. In a tree of full adders it would take three LUTs a bit instead of one.
(* techmap_celltype = "$add $sub" *)
module adder_to_carry_chain (A, B, Y);
    parameter A_SIGNED = 0;
    parameter B_SIGNED = 0;
    parameter A_WIDTH = 1;
    parameter B_WIDTH = 1;
    parameter Y_WIDTH = 1;
    parameter _TECHMAP_CELLTYPE_ = "";
    localparam SUBTRACT = _TECHMAP_CELLTYPE_ == "$sub";
    input [A_WIDTH-1:0] A;
    input [B_WIDTH-1:0] B;
    output [Y_WIDTH-1:0] Y;
    wire [Y_WIDTH-1:0] X, CO;
    \$alu #(.A_SIGNED(A_SIGNED), .B_SIGNED(B_SIGNED), .A_WIDTH(A_WIDTH), .B_WIDTH(B_WIDTH), .Y_WIDTH(Y_WIDTH))
        _TECHMAP_REPLACE_ (.A(A), .B(B), .CI(SUBTRACT), .BI(SUBTRACT), .X(X), .Y(Y), .CO(CO));
endmodule

// A value cleared by one bit, as a ReLU does, is a choice: in front of a register it becomes the register's reset.
(* techmap_celltype = "$and" *)
module cleared_by_one_bit (A, B, Y);
    parameter A_SIGNED = 0;
    parameter B_SIGNED = 0;
    parameter A_WIDTH = 1;
    parameter B_WIDTH = 1;
    parameter Y_WIDTH = 1;
    parameter _TECHMAP_BITS_CONNMAP_ = 0;
    parameter _TECHMAP_CONNMAP_B_ = 0;
    localparam [_TECHMAP_BITS_CONNMAP_-1:0] FIRST = _TECHMAP_CONNMAP_B_;
    input [A_WIDTH-1:0] A;
    input [B_WIDTH-1:0] B;
    output [Y_WIDTH-1:0] Y;
    wire _TECHMAP_FAIL_ = Y_WIDTH == 1 || A_WIDTH != Y_WIDTH || B_WIDTH != Y_WIDTH || _TECHMAP_CONNMAP_B_ != {Y_WIDTH{FIRST}};
    \$mux #(.WIDTH(Y_WIDTH)) _TECHMAP_REPLACE_ (.A({Y_WIDTH{1'b0}}), .B(A), .S(B[0]), .Y(Y));
endmodule
