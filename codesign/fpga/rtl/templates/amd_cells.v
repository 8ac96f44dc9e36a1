// Cells of AMD parts for simulation, where the vendor's library is not at hand; synthesis knows them.
`ifndef CODESIGN_AMD_CELLS
`define CODESIGN_AMD_CELLS
@% for n in range(1, 7) %@
module LUT@{ n }@ #(parameter [@{ 2 ** n - 1 }@:0] INIT = 0) (output O@% for i in range(n) %@, input I@{ i }@@% endfor %@);
    assign O = INIT[{@% for i in range(n) | reverse %@I@{ i }@@{ ", " if i else "" }@@% endfor %@}];
endmodule

@% endfor %@
module LUT6_2 #(parameter [63:0] INIT = 0) (output O6, output O5, input I0, input I1, input I2, input I3, input I4, input I5);
    assign O6 = INIT[{I5, I4, I3, I2, I1, I0}];
    assign O5 = INIT[{1'b0, I4, I3, I2, I1, I0}];
endmodule

module MUXF7 (output O, input I0, input I1, input S);
    assign O = S ? I1 : I0;
endmodule

module MUXF8 (output O, input I0, input I1, input S);
    assign O = S ? I1 : I0;
endmodule

@% for size in (4, 8) %@
module CARRY@{ size }@ (output [@{ size - 1 }@:0] CO, output [@{ size - 1 }@:0] O, input CI, input @{ "CYINIT" if size == 4 else "CI_TOP" }@,
    input [@{ size - 1 }@:0] DI, input [@{ size - 1 }@:0] S);
@% for i in range(size) %@
    assign CO[@{ i }@] = S[@{ i }@] ? @{ "CO[" ~ (i - 1) ~ "]" if i else "(CI | CYINIT)" if size == 4 else "CI" }@ : DI[@{ i }@];
    assign O[@{ i }@] = S[@{ i }@] ^ @{ "CO[" ~ (i - 1) ~ "]" if i else "(CI | CYINIT)" if size == 4 else "CI" }@;
@% endfor %@
endmodule

@% endfor %@
`endif
