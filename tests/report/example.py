"""A report.json as the contract describes it, made by hand: no number in it was measured."""

from codesign.fpga.design.report import DesignReport, merge_reports

PART = "xcvu13p-flga2577-2-e"
PROJECT_YML = """\
name: jet_tagger            # 16-64-32-32-5
data: jets_hlf
part: xcvu13p-flga2577-2-e
clock_period_ns: 5.0
budget:
  latency_ns: 100
  lut: 12000
  dsp: 0
  min_accuracy: 0.66
"""


DATA = {
    "name": "jets_hlf",
    "kind": "GENERATED",
    "origin": "Pythia 8.317 + FastJet 3.5, 13 TeV, pT about 1 TeV, anti-kT 0.8: not the public hls4ml set",
    "events_train": 98507,
    "events_test": 30000,
    "features": [f"feature {index}" for index in range(16)],
    "classes": ["g", "q", "w", "z", "t"],
}
_COSTS = (
    *("lut", "ff", "dsp", "bram_18k", "uram", "latency_cycles", "latency_ns", "latency_clock", "initiation_interval"),
    *("clock_target_ns", "clock_estimated_ns", "source", "sources"),
)
STEPS = ("train", "sweep", "rtl", "csim", "rtl simulation", "synthesis", "report")
SECONDS = (182.4, 6.3, 1.9, 14.2, 31.0, 58.7, 1.1)
VERSIONS = {
    "codesign": "0.1.0",
    "tensorflow": "2.21.0",
    "qkeras": "0.9.0",
    "hls4ml": "1.3.0",
    "da4ml": "0.6.0",
    "yosys": "0.70",
}


def example_report() -> dict:
    """Return a complete report of a jet tagger."""
    return {
        "project": "jet_tagger",
        "part": PART,
        "clock_period_ns": 5.0,
        "accuracy_float": 0.6742,
        "picked": [_smallest(), _fastest()],
        "agreement": {"events": 30000, "csim_mismatches": 0, "rtl_mismatches": 0, "argmax_flips": 41},
        "seconds": dict(zip(STEPS, SECONDS, strict=True)),
        "designs": 214,
        "front": _front(),
        "budget": {"latency_ns": 100, "initiation_interval": None, "lut": 12000, "dsp": 0, "min_accuracy": 0.66},
        "data": dict(DATA),
        "versions": dict(VERSIONS),
        "seed": 1,
        "project_yml": PROJECT_YML,
    }


def old_report() -> dict:
    """Return the example as it was when a report had one source, and Yosys was given the cycles of the pipeline."""
    report = example_report()
    for pick in report["picked"]:
        cycles = {key: pick[key] for key in ("latency_cycles", "latency_ns", "initiation_interval", "clock_target_ns")}
        for values in (pick, *pick["reports"]):
            del values["sources"], values["latency_clock"]
        pick["reports"][1].update(cycles)
        del pick["clock_target_ns"], pick["clock_estimated_ns"]
        pick["latency_source"] = "rtl-sim" if len(pick["reports"]) > 2 else "yosys"
    return report


def _smallest() -> dict:
    costs = {
        "part": PART,
        "clock_target_ns": 5.0,
        "latency_cycles": 6,
        "initiation_interval": 1,
        "dsp": 0,
        "bram_18k": 0,
        "uram": 0,
    }
    reports = [
        DesignReport("estimate", tool="codesign", tool_version="0.1.0", lut=7220, ff=2836, **costs),
        DesignReport(
            "yosys", tool="Yosys", tool_version="0.70", part=PART, lut=7418, ff=2951, dsp=0, bram_18k=0, uram=0
        ),
        DesignReport("rtl-sim", tool="Verilator", tool_version="5.048", latency_cycles=6, initiation_interval=1),
    ]
    agreement = {"events": 30000, "csim_mismatches": 0, "rtl_mismatches": 0, "argmax_flips": 41}
    return _pick("smallest", "unrolled", "w5 a7", 1, "distributed_arithmetic", 0.6678, reports, agreement)


def _fastest() -> dict:
    costs = {
        "part": PART,
        "clock_target_ns": 5.0,
        "latency_cycles": 4,
        "initiation_interval": 1,
        "dsp": 0,
        "bram_18k": 0,
        "uram": 0,
    }
    reports = [
        DesignReport("estimate", tool="codesign", tool_version="0.1.0", lut=11862, ff=4659, **costs),
        DesignReport(
            "yosys", tool="Yosys", tool_version="0.70", part=PART, lut=11540, ff=4702, dsp=0, bram_18k=0, uram=0
        ),
    ]
    agreement = {"events": 30000, "csim_mismatches": 0, "rtl_mismatches": None, "argmax_flips": 12}
    return _pick("fastest", "hls4ml-latency", "w5 a7", 1, "latency", 0.6678, reports, agreement)


def _pick(role, implementation, precision, reuse_factor, strategy, accuracy, reports, agreement) -> dict:
    costs = {key: value for key, value in merge_reports(reports).as_dict().items() if key in _COSTS}
    return {
        "role": role,
        "implementation": implementation,
        "precision": precision,
        "reuse_factor": reuse_factor,
        "strategy": strategy,
        "accuracy": accuracy,
        **costs,
        "reports": [report.as_dict() for report in reports],
        "agreement": agreement,
    }


def _front() -> list[dict]:
    """Accuracy saturates with the bits, LUTs grow with them; reuse trades LUTs for cycles."""
    rows = []
    for implementation, luts, cycles, dsp in (
        ("unrolled", 700, 6, 0),
        ("hls4ml-latency", 1150, 4, 0),
        ("hls4ml-resource", 620, 40, 96),
    ):
        for bits in range(2, 9):
            rows.append(
                {
                    "implementation": implementation,
                    "precision": f"w{bits} a{bits + 2}",
                    "reuse_factor": 16 if dsp else 1,
                    "strategy": {"unrolled": "distributed_arithmetic"}.get(
                        implementation, implementation.removeprefix("hls4ml-")
                    ),
                    "accuracy": round(0.6745 - 0.09 * 0.42 ** (bits - 2) - (0.004 if dsp else 0), 4),
                    "lut": int(luts * bits**1.45),
                    "ff": int(0.5 * luts * bits**1.3),
                    "dsp": dsp,
                    "bram_18k": 0,
                    "latency_cycles": cycles,
                    "latency_ns": cycles * 5.0,
                    "initiation_interval": 16 if dsp else 1,
                    "source": "estimate",
                }
            )
    return rows
