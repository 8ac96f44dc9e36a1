"""The constants of the estimate, in one object: a better fit replaces it, and no formula."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CostConstants:
    """What the closed forms multiply with, each constant with a meaning.

    Fitted to public reports of Vivado HLS 2020.1, hls4ml 0.8.1, at 5 ns: single dense layers of 32 to 256 units without
    activation, 2- to 14-bit weights, 16-bit inputs and accumulators, 38 to 100 % of the weights not zero. Median error
    in percent on those same rows (not an independent test), from ``python benchmarks/estimate_error.py
    fpga_truth_dev.csv``::

        family        rows  lut  ff    dsp  bram_18k  latency_cycles  initiation_interval
        wa1_latency     81  9.8  13.6  0.0  0.0       0.0             0.0                  reuse 1, 512, 1024
        wa1_resource   906  0.6   1.5  0.0  0.0       0.0             0.0                  reuse 1, 384 to 1280

    Outside of that it is extrapolation: reuse 2 to n_in under Strategy: Resource rests on three designs of 2018, and
    on the networks of that time (rfx_*) LUT and FF are off by factors. Narrow inputs, activations and tables are not
    fitted.

    Args:
        lut_per_adder_bit: an adder of an accumulation, per bit.
        lut_per_shift_add_bit: an adder that builds a product from signed digits, per bit.
        lut_per_dsp: glue around a multiplier in a DSP block.
        lut_per_product_bit: a multiplier in LUTs, per bit of one factor and bit of the other. Not fitted.
        lut_per_activation_bit: rounding and saturation behind an activation. Not fitted.
        lut_per_folded_layer: control of a layer that reuses multipliers.
        lut_per_folded_input_bit, lut_per_folded_output_bit: its input multiplexers, its accumulators.
        lut_per_folded_multiplier_bit: around each of its multipliers, per bit of the input.
        lut_per_input_choice_bit: choosing an input in front of each multiplier, for R up to n_in. From three old
            designs only.
        lut_per_selected_bit: choosing an accumulator behind each multiplier, for R above 2 n_in.
        ff_per_boundary_bit: per bit of inputs and outputs and pipeline stage.
        ff_per_dsp, ff_per_shift_add: per multiplier, per adder of a product, and pipeline stage.
        ff_per_waiting_bit: of products that wait while multipliers are shared.
        ff_per_folded_layer: control of a layer that reuses multipliers.
        dsp_min_wide, dsp_min_narrow: bits of the wider and of the narrower factor from which HLS takes a DSP block.
            With 16-bit inputs 4-bit weights never do and 6-bit weights always. The wider one is a guess: no row has
            narrower inputs.
        adder_ns, multiplier_ns, activation_ns: delays on UltraScale+, which HLS chains within a clock cycle.
        usable_clock: the share of the clock period that HLS plans with.
        folded_cycles: cycles of a layer that reuses multipliers, beyond its reuse factor.
        table_cycles: cycles of a look-up table.
        vsynth_lut_per_csynth, vsynth_ff_per_csynth: logic synthesis over the HLS compiler's report; medians of 159
            designs, the LUTs of one design in ten being below 0.11 and of one in ten above 0.98.
        lut_per_adder_cost: LUTs after place and route over da4ml's cost (20 designs: 3.3 % mean error, 8.4 % at worst).
    """

    lut_per_adder_bit: float = 1.07
    lut_per_shift_add_bit: float = 0.97
    lut_per_dsp: float = 4.4
    lut_per_product_bit: float = 0.5
    lut_per_activation_bit: float = 2.0
    lut_per_folded_layer: float = 4593.0
    lut_per_folded_input_bit: float = 1.91
    lut_per_folded_output_bit: float = 1.47
    lut_per_folded_multiplier_bit: float = 2.97
    lut_per_input_choice_bit: float = 5.9
    lut_per_selected_bit: float = 0.328
    ff_per_boundary_bit: float = 1.7
    ff_per_dsp: float = 2.1
    ff_per_shift_add: float = 1.3
    ff_per_waiting_bit: float = 0.5
    ff_per_folded_layer: float = 128.0
    dsp_min_wide: int = 10
    dsp_min_narrow: int = 5
    adder_ns: float = 1.0
    multiplier_ns: float = 1.7
    activation_ns: float = 1.0
    usable_clock: float = 0.875
    folded_cycles: int = 2
    table_cycles: int = 2
    vsynth_lut_per_csynth: float = 0.54
    vsynth_ff_per_csynth: float = 0.84
    lut_per_adder_cost: float = 1.05
