"""Layouts that no golden file has: exact numbers, modules, and truncation, which gives no other number."""

import pytest

from codesign.errors import ReportError
from codesign.report.parse import parse_text
from tests.report.excerpts import OLD_HLS, ULTRASCALE
from tests.report.layouts import COSIM, EXPORT, HIERARCHY, LAYOUTS, SUMMARY, TIMING
from tests.report.layouts_of_others import NEXTPNR, QUARTUS, YOSYS_OLD


def only(text):
    (report,) = parse_text(text).values()
    return report


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_numbers_and_modules(name, ends):
    layout = LAYOUTS[name]
    report = only(layout.text.replace("\n", ends))
    assert report == layout.report
    assert report.modules == layout.modules


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_cut_report_gives_an_error_or_fewer_numbers_and_never_others(name):
    layout = LAYOUTS[name]
    whole = layout.report.as_dict()
    for length in range(len(layout.text)):
        try:
            found = parse_text(layout.text[:length])
        except ReportError as error:
            assert "\n" not in str(error)
            continue
        if not found or any("alone" in note for note in next(iter(found.values())).notes) and name == "yosys_old":
            continue  # nothing tells a list of one module from a list that ends behind its first, and it says so
        for field, value in next(iter(found.values())).as_dict().items():
            said = isinstance(value, (int, float)) and not field.endswith("_probability")
            assert not said or value == whole[field], f"{name}: {field} of its first {length} characters"


def test_what_hls4mls_own_script_leaves_is_logic_synthesis():
    assert only(ULTRASCALE.replace(": Routed", ": Optimized")).source == "vsynth"
    assert only(ULTRASCALE.replace(": Routed", ": Physopt postRoute")).source == "post-route"


def test_instances_of_one_module_of_an_old_compiler():
    instances = """\
+ Detail:
    * Instance:
    +----------+--------+---------+-------+------+------+
    | Instance | Module | BRAM_18K| DSP48E|  FF  |  LUT |
    +----------+--------+---------+-------+------+------+
    |mul_U1    |mul_16s |        0|      1|     7|    20|
    +----------+--------+---------+-------+------+------+
    |Total     |        |        0|      1|     7|    20|
    +----------+--------+---------+-------+------+------+
"""
    place = OLD_HLS.index("\n================================================================\n== Interface")
    (module,) = only(OLD_HLS[:place] + instances + OLD_HLS[place:]).modules
    assert (module.name, module.lut, module.dsp, module.bram_18k, module.latency_cycles) == ("mul_U1", 20, 1, 0, None)


def test_modules_of_a_csynth_xml_of_vitis():
    counts = "<BRAM_18K>0</BRAM_18K><DSP>{dsp}</DSP><FF>5</FF><LUT>{lut}</LUT><AVAIL_LUT>9</AVAIL_LUT>"
    latency = "<SummaryOfOverallLatency><Worst-caseLatency>4</Worst-caseLatency>"
    latency += "<PipelineInitiationInterval>1</PipelineInitiationInterval></SummaryOfOverallLatency>"
    modules = "".join(
        f"<Module><Name>{name}</Name><PerformanceEstimates>{latency}</PerformanceEstimates><AreaEstimates><Resources>"
        f"{counts.format(dsp=dsp, lut=lut)}</Resources></AreaEstimates></Module>"
        for name, dsp, lut in (("dense_1", 3, 70), ("top", 3, 90))
    )
    text = f"""<profile><ReportVersion><Version>2024.1</Version></ReportVersion>
    <UserAssignments><Part>xcvu13p</Part><TopModelName>top</TopModelName><TargetClockPeriod>5.00</TargetClockPeriod>
    </UserAssignments><PerformanceEstimates><SummaryOfTimingAnalysis><EstimatedClockPeriod>5.9</EstimatedClockPeriod>
    </SummaryOfTimingAnalysis><SummaryOfOverallLatency><Worst-caseLatency>undef</Worst-caseLatency>
    </SummaryOfOverallLatency></PerformanceEstimates>
    <AreaEstimates><Resources>{counts.format(dsp=3, lut=90)}</Resources><AvailableResources/></AreaEstimates>
    <ModuleInformation>{modules}</ModuleInformation></profile>"""
    report = only(text)
    assert (report.lut, report.latency_cycles, report.clock_estimated_ns) == (90, None, 5.9)
    assert [(one.name, one.lut, one.latency_cycles, one.initiation_interval) for one in report.modules] == [
        ("dense_1", 70, 4, 1)
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (COSIM.replace("Pass", "Fail"), "expected a simulation that passed. Received: Verilog Fail"),
        (COSIM.replace("   Verilog|      Pass", "   Verilog|        NA"), "no language was simulated"),
        (TIMING.replace("     -0.750       -9.100 ", "         NA           NA "), r"WNS\) and a clock. Received: NA"),
        (TIMING.replace("| Speed", "| Design State : Placed\n| Speed"), "Received: 'Placed'"),
        (HIERARCHY.replace("Optimized", "Fully Placed"), "expected Synthesized or Routed. Received: 'Fully Placed'"),
        (QUARTUS.replace("Successful", "Failed"), "expected Successful. Received: 'Failed"),
        (NEXTPNR.replace("TRELLIS", "GOWIN").replace("DP16KD", "X").replace("MULT18", "Y"), "expected cells of Xilinx"),
        (YOSYS_OLD.replace("LUT2", "SB_LUT4"), "expected cells of AMD parts. Received: SB_LUT4"),
        (YOSYS_OLD.replace("     LUT2                            6\n", ""), "do not add up"),
        (SUMMARY.replace("5301 (~0%)", "many (~0%)"), "LUT: expected a whole number. Received: 'many'"),
        (EXPORT.replace("LUT:           4321\n", ""), "LUT: expected a whole number"),
    ],
)
def test_refusals(text, message):
    with pytest.raises(ReportError, match=message):
        parse_text(text)


def test_a_path_between_clocks_and_a_slower_clock():
    crossing = "slow          ap_clk             -1.250       -9.100                     25                  700\n\n"
    text = TIMING.replace("\n     -0.750  ", "\n     -1.250  ")
    place = text.index("-" * 60 + "\n| Other Path Groups")
    assert only(text[:place] + crossing + text[place:]).clock_estimated_ns == 6.25
    assert only(TIMING.replace(", routed)", ", estimated)")).source == "vsynth"  # placed only: the weaker claim
