"""Firmware as it lies in deployed triggers, made of a project of today: a namespace, hand edits, weights elsewhere."""

import re
import shutil
from pathlib import Path

import numpy as np

from codesign.read.hls4ml_project.source_text import parse_numbers


def as_namespace(firmware: Path, folder: Path) -> Path:
    """Everything in a namespace, tabs, calls commented out, weights by a macro of their own; stale texts beside."""
    shutil.copytree(firmware, folder)
    for path in folder.glob("*.h"):
        path.write_text(_in_namespace(path.read_text()))
    main = folder / "myproject.cpp"
    text = re.sub(r"#ifndef __SYNTHESIS__\n.*?#endif\n", "", main.read_text(), flags=re.DOTALL)
    text = text.replace("    nnet::", "\t\t// nnet::relu<a, b, c>(a, b);\n\t\t/* nnet::tanh<a, b, c>(a, b); */ nnet::")
    main.write_text(_in_namespace(text))
    for path in (folder / "weights").glob("*.h"):
        path.write_text(path.read_text().replace("#ifndef __SYNTHESIS__", "#ifdef LOAD_WEIGHTS_FROM_TEXT"))
    for path in (folder / "weights").glob("*.txt"):
        path.write_text(", ".join(["9.75"] * len(parse_numbers(path.read_text()))))
    return folder


def with_one_source_of_weights(firmware: Path, folder: Path) -> Path:
    """All arrays in weights.cpp, which nothing includes; stale headers of single ones stay beside."""
    shutil.copytree(firmware, folder)
    arrays = []
    for path in sorted((folder / "weights").glob("*.h")):
        found = re.search(r"(\w+) (\w+)\[(\d+)\] = (\{.*?\});", path.read_text(), re.DOTALL)
        arrays.append(found.groups())
        stale = ", ".join(["0.5"] * int(found[3]))
        path.write_text(f"{found[1]} {found[2]}[{found[3]}] = {{{stale}}};\n")
    for path in (folder / "weights").glob("*.txt"):
        path.unlink()
    body = "\n".join(f"{kind} {name}[{size}] = {values};" for kind, name, size, values in arrays)
    (folder / "weights.cpp").write_text(f'#include "defines.h"\n{body}\n')
    declared = "".join(f"extern {kind} {name}[{size}];\n" for kind, name, size, _ in arrays)
    parameters = folder / "parameters.h"
    parameters.write_text(re.sub(r'#include "weights/\w+\.h"\n', "", parameters.read_text()))
    defines = folder / "defines.h"
    defines.write_text(defines.read_text().replace("#endif\n", declared + "\n#endif\n"))
    return folder


def first_format(folder: Path, rng: np.random.Generator) -> tuple[Path, dict[str, np.ndarray]]:
    """A project as hls4ml 0.1 wrote it in 2018, and its weights."""
    folder.mkdir()
    weights = {"w1": rng.normal(size=(4, 3)), "b1": rng.normal(size=3), "w2": rng.normal(size=(3, 2))}
    weights["b2"] = rng.normal(size=2)
    for name, values in weights.items():
        numbers = ", ".join(f"{value:.12f}" for value in values.ravel())
        kind = "weight_default_t" if name[0] == "w" else "bias_default_t"
        text = f"//Numpy array shape {values.shape}\n{kind} {name}[{values.size}] = {{{numbers}}};\n"
        (folder / f"{name}.h").write_text(text)
    (folder / "parameters.h").write_text(_FIRST_PARAMETERS)
    (folder / "myproject.cpp").write_text(_FIRST_TOP)
    return folder, weights


def _in_namespace(text: str) -> str:
    lines = text.split("\n")
    last = max(index for index, line in enumerate(lines) if line.startswith("#include"))
    lines.insert(last + 1, "namespace trigger_v3 {")
    end = max((index for index, line in enumerate(lines) if line.startswith("#endif")), default=len(lines) - 1)
    lines.insert(end, "}  // namespace trigger_v3")
    return "\n".join(lines)


_FIRST_PARAMETERS = """#ifndef PARAMETERS_H_
#define PARAMETERS_H_
#include <complex>
#include "ap_int.h"
#include "ap_fixed.h"
#include "nnet_utils/nnet_layer.h"

//hls-fpga-machine-learning insert numbers
typedef ap_fixed<18,8> accum_default_t;
typedef ap_fixed<18,8> weight_default_t;
typedef ap_fixed<18,8> bias_default_t;
typedef ap_fixed<18,8> input_t;
typedef ap_fixed<18,8> result_t;
#define N_INPUTS 4
#define N_LAYER_1 3
#define N_OUTPUTS 2

//hls-fpga-machine-learning insert layer-precision
typedef ap_fixed<18,8> layer1_t;

//hls-fpga-machine-learning insert layer-config
struct config1 : nnet::layer_config {
        static const unsigned n_in = N_INPUTS;
        static const unsigned n_out = N_LAYER_1;
        static const unsigned io_type = nnet::io_parallel;
        static const unsigned reuse_factor = 1;
        static const unsigned n_zeros = 0;
        static const bool store_weights_in_bram = false;
        typedef accum_default_t accum_t;
        typedef bias_default_t bias_t;
        typedef weight_default_t weight_t;
        };
struct relu_config1 : nnet::activ_config {
        static const unsigned n_in = N_LAYER_1;
        static const unsigned table_size = 1024;
        static const unsigned io_type = nnet::io_parallel;
        };
struct config2 : nnet::layer_config {
        static const unsigned n_in = N_LAYER_1;
        static const unsigned n_out = N_OUTPUTS;
        static const unsigned io_type = nnet::io_parallel;
        static const unsigned reuse_factor = 1;
        static const unsigned n_zeros = 0;
        static const bool store_weights_in_bram = false;
        typedef accum_default_t accum_t;
        typedef bias_default_t bias_t;
        typedef weight_default_t weight_t;
        };
struct sigmoid_config2 : nnet::activ_config {
        static const unsigned n_in = N_OUTPUTS;
        static const unsigned table_size = 1024;
        static const unsigned io_type = nnet::io_parallel;
        };

#endif
"""
_FIRST_TOP = """#include "parameters.h"
#include "myproject.h"
#include "w1.h"
#include "b1.h"
#include "w2.h"
#include "b2.h"

void myproject(
                  input_t data[N_INPUTS],
                  result_t res[N_OUTPUTS],
                  unsigned short &const_size_in,
                  unsigned short &const_size_out)
{
    //hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=data complete dim=0
    #pragma HLS INTERFACE ap_vld port=data,res
    #pragma HLS PIPELINE

    const_size_in   = N_INPUTS;
    const_size_out  = N_OUTPUTS;

    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************
    layer1_t layer1_out[N_LAYER_1];
    #pragma HLS ARRAY_PARTITION variable=layer1_out complete dim=0
    layer1_t logits1[N_LAYER_1];
    #pragma HLS ARRAY_PARTITION variable=logits1 complete dim=0
    nnet::compute_layer<input_t, layer1_t, config1>(data, logits1, w1, b1);
    nnet::relu<layer1_t, layer1_t, relu_config1>(logits1, layer1_out);

    result_t logits2[N_OUTPUTS];
    nnet::compute_layer<layer1_t, result_t, config2>(layer1_out, logits2, w2, b2);
    nnet::sigmoid<result_t, result_t, sigmoid_config2>(logits2, res);
}
"""
