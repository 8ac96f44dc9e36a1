"""Hand-written reports in the layouts of tools whose real reports are not among the golden files, and their numbers.

Names and numbers are made up; the layouts are those that each tool prints.
"""

from dataclasses import dataclass

from codesign.fpga.design.module_cost import ModuleCost
from codesign.fpga.design.report import DesignReport
from tests.report.layouts_of_others import (
    NEXTPNR,
    NEXTPNR_LOG,
    QUARTUS,
    QUARTUS_SUMMARY,
    QUARTUS_TIMING,
    YOSYS_NEW,
    YOSYS_OLD,
)

_RULE = "================================================================\n"


@dataclass(frozen=True)
class Layout:
    """A report's text, what it must be read as, and its modules."""

    text: str
    report: DesignReport
    modules: tuple[ModuleCost, ...] = ()


SUMMARY = f"""\
{_RULE}== Synthesis Summary Report of 'tagger'
{_RULE}+ General Information:
    * Date:           Mon Jan  8 10:00:00 2024
    * Version:        2023.2 (Build 4023990 on Oct 11 2023)
    * Project:        tagger_prj
    * Product family: virtexuplus
    * Target device:  xcvu13p-flga2577-2-e


+ Performance & Resource Estimates:

    PS: '+' for module; 'o' for loop; '*' for dataflow
    +--------------------+------+------+---------+--------+----------+---------+------+----------+---------+----------+-----------+------------+-----+
    |       Modules      | Issue|      | Latency | Latency| Iteration|         | Trip |          |         |          |           |            |     |
    |       & Loops      | Type | Slack| (cycles)|  (ns)  |  Latency | Interval| Count| Pipelined|  BRAM   |    DSP   |     FF    |     LUT    | URAM|
    +--------------------+------+------+---------+--------+----------+---------+------+----------+---------+----------+-----------+------------+-----+
    |+ tagger*           |     -|  0.31|        9|  45.000|         -|        2|     -|  dataflow|  4 (~0%)|  38 (~0%)|  611 (~0%)|  5301 (~0%)|    -|
    | + dense_latency_1  |     -|  0.40|        3|  15.000|         -|        1|     -|       yes|        -|  30 (~0%)|  400 (~0%)|  4000 (~0%)|    -|
    |  o Product         |     -|  3.65|        -|       -|         -|        1|     -|       yes|        -|         -|          -|           -|    -|
    | + softmax_2        |    II|  0.31|        -|       -|         -|        -|     -|        no|  4 (~0%)|   8 (~0%)|  100 (~0%)|   900 (~0%)|    -|
    +--------------------+------+------+---------+--------+----------+---------+------+----------+---------+----------+-----------+------------+-----+


{_RULE}== HW Interfaces
{_RULE}"""  # noqa: E501

EXPORT = """\


Implementation tool: Xilinx Vivado v.2022.2
Project:             tagger_prj
Solution:            solution1
Device target:       xcku115-flvb2104-2-i
Report date:         Mon Jan  8 10:00:00 CET 2024

#=== Post-Implementation Resource usage ===
SLICE:            0
LUT:           4321
FF:            1234
DSP:             12
BRAM:             3
URAM:             0
LATCH:            0
SRL:             64
CLB:            801

#=== Final timing ===
CP required:                     5.000
CP achieved post-synthesis:      3.120
CP achieved post-implementation: 5.604
Timing not met
"""

_WIDE = "+----------+----------+" + "-" * 47 + "+" + "-" * 47 + "+----------------------+"
COSIM = f"""\
Report time       : Mon Jan  8 10:00:00 CET 2024.
Solution          : solution1.
Simulation tool   : xsim.

{_WIDE}
|          |          |             Latency(Clock Cycles)             |              Interval(Clock Cycles)           | Total Execution Time |
+   RTL    +  Status  +-----------------------------------------------+-----------------------------------------------+    (Clock Cycles)    +
|          |          |      min      |      avg      |      max      |      min      |      avg      |      max      |                      |
{_WIDE}
|      VHDL|        NA|             NA|             NA|             NA|             NA|             NA|             NA|                    NA|
|   Verilog|      Pass|             11|             12|             14|              1|              2|              3|                   140|
{_WIDE}
"""  # noqa: E501

_HEAD = """\
Copyright 1986-2022 Xilinx, Inc. All Rights Reserved.
------------------------------------------------------------------------------------
| Tool Version : Vivado v.2022.2 (lin64) Build 3671981 Fri Oct 14 04:59:54 MDT 2022
| Date         : Mon Jan  8 10:00:00 2024
| Command      : {command}
| Design       : tagger
| Device       : {device}
"""

_NAMES = (
    "WNS(ns)      TNS(ns)  TNS Failing Endpoints  TNS Total Endpoints      WHS(ns)      THS(ns)  THS Failing Endpoints"
)
_RULES = (
    "-------      -------  ---------------------  -------------------      -------      -------  ---------------------"
)


def _title(title: str) -> str:
    return f"{'-' * 60}\n| {title}\n| {'-' * len(title)}\n{'-' * 60}\n\n"


TIMING = (
    _HEAD.format(command="report_timing_summary -file timing_routed.rpt", device="7z020-clg400")
    + "| Speed File   : -1  PRODUCTION 1.12 2019-11-22\n------------------\n\nTiming Summary Report\n\n"
    + _title("Design Timing Summary")
    + f"    {_NAMES}\n    {_RULES}\n"
    + "     -0.750       -9.100                     25                  723        0.022        0.000          0\n\n\n"
    + "Timing constraints are not met.\n\n\n"
    + _title("Clock Summary")
    + "Clock     Waveform(ns)         Period(ns)      Frequency(MHz)\n-----     ----------  ----------  ---\n"
    + "ap_clk    {0.000 2.500}        5.000           200.000\nslow      {0.000 10.000}       20.000    50.000\n\n"
    + _title("Intra Clock Table")
    + f"Clock             {_NAMES}\n-----             {_RULES}\n"
    + "ap_clk             -0.750       -9.100                     25            700        0.022        0.000  0\n"
    + "slow                8.000        0.000                      0             23        0.100        0.000  0\n\n"
    + _title("Inter Clock Table")
    + f"From Clock    To Clock          {_NAMES}\n\n"
    + _title("Other Path Groups Table")
    + "    net (fo=12, routed)          0.6     0.9    a/b\n"
)

HIERARCHY = (
    _HEAD.format(command="report_utilization -hierarchical -file util.rpt", device="xcvu13p-flga2577-2-e")
    + """\
| Design State : Optimized
------------------------------------------------------------------------------------

Utilization Design Information

Table of Contents
-----------------
1. Utilization by Hierarchy

1. Utilization by Hierarchy
---------------------------

+-------------+------------+------------+------------+---------+------+------+--------+--------+------+------------+
|   Instance  |   Module   | Total LUTs | Logic LUTs | LUTRAMs | SRLs | FFs  | RAMB36 | RAMB18 | URAM | DSP Blocks |
+-------------+------------+------------+------------+---------+------+------+--------+--------+------+------------+
| tagger      |      (top) |       1500 |       1400 |       0 |  100 | 2000 |      1 |      3 |    0 |         41 |
|   (tagger)  |      (top) |          0 |          0 |       0 |    0 |  500 |      0 |      0 |    0 |          0 |
|   dense_U0  |    dense_1 |       1000 |        950 |       0 |   50 | 1000 |      1 |      0 |    0 |         40 |
|     mul_U1  |        mul |        600 |        600 |       0 |    0 |  300 |      0 |      0 |    0 |         40 |
|   soft_U0   |  softmax_2 |        500 |        450 |       0 |   50 |  500 |      0 |      3 |    0 |          1 |
+-------------+------------+------------+------------+---------+------+------+--------+--------+------+------------+
* Note: The sum of lower-level cells may be larger than their parent cells total, due to cross-hierarchy LUT combining
"""
)

_TABLED = {"tool": "Vivado", "tool_version": "2022.2"}
_ECP5 = {"lut": 83640, "ff": 83640, "bram_18k": 208, "dsp": 156}
LAYOUTS = {
    "hls_summary": Layout(
        SUMMARY,
        DesignReport(
            "csynth", tool="Vitis HLS", tool_version="2023.2", part="xcvu13p-flga2577-2-e", lut=5301, ff=611, dsp=38,
            bram_18k=4, uram=0, latency_cycles=9, initiation_interval=2, clock_target_ns=5.0,
        ),
        (
            ModuleCost("dense_latency_1", "csynth", 4000, 400, 30, 0, 0, 3, 1),
            ModuleCost("softmax_2", "csynth", 900, 100, 8, 4, 0, None, None),
        ),
    ),
    "hls_export": Layout(
        EXPORT,
        DesignReport(
            "post-route", **_TABLED, part="xcku115-flvb2104-2-i", lut=4321, ff=1234, dsp=12, bram_18k=3, uram=0,
            clock_target_ns=5.0, clock_estimated_ns=5.604,
        ),
    ),
    "hls_cosim": Layout(
        COSIM,
        DesignReport(
            "rtl-sim", tool="HLS co-simulation (xsim)", latency_cycles=14, latency_cycles_min=11, initiation_interval=3
        ),
    ),
    "vivado_timing": Layout(
        TIMING,
        DesignReport(
            "post-route", **_TABLED, part="xc7z020-clg400-1", clock_target_ns=5.0, clock_estimated_ns=5.75
        ),
    ),
    "vivado_hierarchy": Layout(
        HIERARCHY,
        DesignReport(
            "vsynth", **_TABLED, part="xcvu13p-flga2577-2-e", lut=1500, ff=2000, dsp=41, bram_18k=5, uram=0
        ),
        (
            ModuleCost("dense_U0", "vsynth", 1000, 1000, 40, 2, 0),
            ModuleCost("soft_U0", "vsynth", 500, 500, 1, 3, 0),
        ),
    ),
    "quartus_fit": Layout(
        QUARTUS,
        DesignReport(
            "post-route", tool="Quartus", tool_version="21.4.0", part="10AX115N2F45E1SG", lut=4182, ff=16419, dsp=40,
            bram_18k=36, available={"dsp": 1518, "bram_18k": 2713},
        ),
    ),
    "quartus_summary": Layout(
        QUARTUS_SUMMARY,
        DesignReport(
            "post-route", tool="Quartus", tool_version="18.1.0", part="5CGXFC7C7F23C8", ff=18716, dsp=0, bram_18k=7,
            available={"dsp": 156, "bram_18k": 686},
            notes=("31,584 / 56,480 ( 56 % ) ALMs, of two ALUTs each; the ALUTs are in the .fit.rpt",),
        ),
    ),
    "quartus_timing": Layout(
        QUARTUS_TIMING,
        DesignReport(
            "post-route", tool="Quartus", tool_version="21.4.0", clock_target_ns=4.0, clock_estimated_ns=5.0
        ),
    ),
    "nextpnr": Layout(
        NEXTPNR,
        DesignReport(
            "post-route", tool="nextpnr (ECP5)", lut=4143, ff=1327, bram_18k=2, dsp=5, available=_ECP5,
            clock_target_ns=10.0, clock_estimated_ns=12.5,
        ),
    ),
    "nextpnr_log": Layout(
        NEXTPNR_LOG,
        DesignReport(
            "post-route", tool="nextpnr (Xilinx)", lut=1500, ff=900, bram_18k=4,
            available={"lut": 106400, "ff": 106400, "bram_18k": 280}, clock_target_ns=20.0, clock_estimated_ns=25.0,
        ),
    ),
    "yosys_old": Layout(
        YOSYS_OLD, DesignReport("yosys", tool="Yosys", tool_version="0.33", lut=6, ff=2, dsp=0, bram_18k=0, uram=0)
    ),
    "yosys_new": Layout(
        YOSYS_NEW,
        DesignReport("yosys", tool="Yosys", lut=8, ff=8, dsp=0, bram_18k=0, uram=0, notes=("of the module top alone",)),
    ),
}  # fmt: skip
