"""All formats of reports that are known: name, how one is recognised, and what reads it."""

from collections.abc import Callable

from codesign.fpga.design.report import DesignReport
from codesign.report.formats.bambu import is_bambu_xml, parse_bambu_xml
from codesign.report.formats.hls4ml_json import is_hls4ml_json, parse_hls4ml_json
from codesign.report.formats.hls_cosim import is_hls_cosim, parse_hls_cosim
from codesign.report.formats.hls_export import is_hls_export, parse_hls_export
from codesign.report.formats.hls_summary import is_hls_summary, parse_hls_summary
from codesign.report.formats.nextpnr import is_nextpnr_json, is_nextpnr_log, parse_nextpnr_json, parse_nextpnr_log
from codesign.report.formats.oneapi import (
    is_oneapi_summary,
    is_quartus_ndjson,
    parse_oneapi_summary,
    parse_quartus_ndjson,
)
from codesign.report.formats.own_json import (
    is_design_report_json,
    is_project_json,
    parse_design_report_json,
    parse_project_json,
)
from codesign.report.formats.quartus_rpt import is_quartus_fit, is_quartus_sta, parse_quartus_fit, parse_quartus_sta
from codesign.report.formats.vivado import is_vivado_utilization, parse_vivado_utilization
from codesign.report.formats.vivado_hierarchy import is_vivado_hierarchy, parse_vivado_hierarchy
from codesign.report.formats.vivado_hls import is_csynth_rpt, is_csynth_xml, parse_csynth_rpt, parse_csynth_xml
from codesign.report.formats.vivado_timing import is_vivado_timing, parse_vivado_timing
from codesign.report.formats.yosys import is_yosys_stat, parse_yosys_stat
from codesign.report.formats.yosys_text import is_yosys_text, parse_yosys_text

# A new tool is one file and one line here. A project's report.json quotes other reports, so it comes first; a log of
# Yosys or nextpnr may hold anything, so they come last.
FORMATS: tuple[tuple[str, Callable[[str], bool], Callable[[str], DesignReport | dict[str, DesignReport]]], ...] = (
    ("codesign report.json", is_project_json, parse_project_json),
    ("HLS csynth.xml", is_csynth_xml, parse_csynth_xml),
    ("HLS cosim.rpt", is_hls_cosim, parse_hls_cosim),
    ("HLS csynth.rpt", is_csynth_rpt, parse_csynth_rpt),
    ("HLS summary csynth.rpt", is_hls_summary, parse_hls_summary),
    ("HLS export.rpt", is_hls_export, parse_hls_export),
    ("Vivado report_utilization -hierarchical", is_vivado_hierarchy, parse_vivado_hierarchy),
    ("Vivado report_utilization", is_vivado_utilization, parse_vivado_utilization),
    ("Vivado report_timing_summary", is_vivado_timing, parse_vivado_timing),
    ("hls4ml report JSON", is_hls4ml_json, parse_hls4ml_json),
    ("oneAPI quartus.ndjson", is_quartus_ndjson, parse_quartus_ndjson),
    ("oneAPI summary.ndjson", is_oneapi_summary, parse_oneapi_summary),
    ("Quartus fit", is_quartus_fit, parse_quartus_fit),
    ("Quartus sta.rpt", is_quartus_sta, parse_quartus_sta),
    ("Bambu results", is_bambu_xml, parse_bambu_xml),
    ("yosys stat -json", is_yosys_stat, parse_yosys_stat),
    ("nextpnr --report", is_nextpnr_json, parse_nextpnr_json),
    ("DesignReport JSON", is_design_report_json, parse_design_report_json),
    ("nextpnr log", is_nextpnr_log, parse_nextpnr_log),
    ("yosys stat", is_yosys_text, parse_yosys_text),
)
