"""The test bench of the pipelined Verilog: a Verilog module with one 64-bit integer per value, and a C++ main."""

from itertools import accumulate

from codesign.fpga.rtl.project import Port, RtlProject

_CODE_BITS = 64

_VERILOG = """// {name} with one signed 64-bit integer per value, the code in its fixed-point type.
module bench (input clk, input [63:0] x [0:{last_input}], output [63:0] y [0:{last_output}]);
    wire [{input_high}:0] model_inp;
    wire [{output_high}:0] model_out;
    {dut}
    {assignments}
endmodule
"""

_CPP = """// bench INPUT OUTPUT EVENTS SETTLE: int64 codes from file to file, an event per clock; prints the latency.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>
#include "Vbench.h"
#include "verilated.h"

constexpr int n_in = {n_in}, n_out = {n_out};
using Outputs = std::array<int64_t, n_out>;

static Outputs tick(Vbench& bench, const int64_t* x) {{
    for (int i = 0; i < n_in; ++i) bench.x[i] = x[i];
    bench.clk = 0;
    bench.eval();
    bench.clk = 1;
    bench.eval();
    Outputs y;
    for (int i = 0; i < n_out; ++i) y[i] = bench.y[i];
    return y;
}}

// Hold 0 until all is quiet, then one event after the other; count clock edges from an event to the first change.
static int measure(Vbench& bench, const std::vector<int64_t>& x, int n, int settle) {{
    const std::vector<int64_t> idle(n_in, 0);
    Outputs quiet{{}};
    for (int cycle = 0; cycle < settle; ++cycle) quiet = tick(bench, idle.data());
    for (int event = 0; event < n; ++event)
        for (int cycle = 0; cycle < settle; ++cycle)
            if (tick(bench, &x[size_t(event) * n_in]) != quiet) return cycle;
    return -1;
}}

int main(int argc, char** argv) {{
    const int n = std::atoi(argv[3]), settle = std::atoi(argv[4]);
    std::vector<int64_t> x(size_t(n) * n_in);
    std::FILE* input = std::fopen(argv[1], "rb");
    if (!input || std::fread(x.data(), sizeof(int64_t), x.size(), input) != x.size()) return 1;
    VerilatedContext context;
    Vbench bench(&context);
    const int latency = measure(bench, x, n, settle), lag = latency < 0 ? settle : latency;
    std::FILE* output = std::fopen(argv[2], "wb");
    for (int t = 0; t < n + lag; ++t) {{
        const Outputs y = tick(bench, &x[size_t(t < n ? t : n - 1) * n_in]);
        if (t >= lag) std::fwrite(y.data(), sizeof(int64_t), n_out, output);
    }}
    bench.final();
    std::printf("latency_cycles %d\\n", latency);
    return std::fclose(output) != 0;
}}
"""


def bench_verilog(project: RtlProject) -> str:
    """Return the module ``bench``: codes to bits, through the top module or the core alone, and bits to codes."""
    ports_in, ports_out, dut = _device(project)
    inputs = [f"assign model_inp[{bits}] = x[{i}][{port.width - 1}:0];" for i, port, bits in _slices(ports_in)]
    outputs = [f"assign y[{i}] = {_extended(port, f'model_out[{bits}]')};" for i, port, bits in _slices(ports_out)]
    dead = [f"assign y[{i}] = 64'd0;" for i, port in enumerate(ports_out) if not port.width]
    return _VERILOG.format(
        name=project.top or project.name,
        last_input=len(ports_in) - 1,
        last_output=len(ports_out) - 1,
        input_high=sum(port.width for port in ports_in) - 1,
        output_high=sum(port.width for port in ports_out) - 1,
        dut=dut,
        assignments="\n    ".join(inputs + outputs + dead),
    )


def _device(project: RtlProject) -> tuple[tuple[Port, ...], tuple[Port, ...], str]:
    """The bits of each value within the buses of what is simulated, and its instance."""
    if project.interface is None:
        dut = f"{project.name} dut (.clk(clk), .model_inp(model_inp), .model_out(model_out));"
        return project.inputs, project.outputs, dut
    pins = (project.interface.inputs, project.interface.outputs)
    ports = (tuple(Port(pin.width, pin.signed, 0) for pin in side) for side in pins)
    control = ".clk(clk), .rst(1'b0), .valid_in(1'b1), .valid_out()"
    return (*ports, f"{project.top}_bus dut ({control}, .x(model_inp), .y(model_out));")


def bench_cpp(project: RtlProject) -> str:
    """Return the C++ main of the simulation."""
    return _CPP.format(n_in=len(project.inputs), n_out=len(project.outputs))


def _slices(ports: tuple[Port, ...]) -> list[tuple[int, Port, str]]:
    """(index, port, "high:low") of the ports that have bits."""
    ends = accumulate(port.width for port in ports)
    return [(i, port, f"{end - 1}:{end - port.width}") for i, (port, end) in enumerate(zip(ports, ends)) if port.width]


def _extended(port: Port, bits: str) -> str:
    """A value's bits as a 64-bit code: its sign repeated on the left, its shift as zeros on the right."""
    left = _CODE_BITS - port.width - port.shift
    sign = f"{bits.partition(':')[0]}]" if port.signed else "1'b0"
    zeros = f", {port.shift}'d0" if port.shift else ""
    return f"{{{{{left}{{{sign}}}}}, {bits}{zeros}}}"
