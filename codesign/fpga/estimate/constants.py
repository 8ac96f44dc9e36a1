"""The constants of the estimate, in one object: a better fit replaces it, and no formula."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CostConstants:
    """What the closed forms multiply with, each constant with a meaning.

    Args:
        lut_per_adder_bit: an adder of an accumulation, per bit.
        pair_overhead_bits: bits by which the adder of a two-digit product is wider than the product.
        lut_per_dsp: glue around a multiplier in a DSP block.
        lut_per_product_bit: a multiplier in LUTs, per bit of one factor and bit of the other.
        lut_per_relu_bit_vivado, lut_per_relu_bit_vitis: per bit of an accumulator, up to 16.
        lut_per_table_output_vivado, lut_per_table_output_vitis, ff_per_table_output_vivado, ff_per_table_output_vitis:
            of sigmoid and tanh.
        lut_per_softmax_pair, lut_per_softmax_output, ff_per_softmax, ff_per_softmax_output: comparisons of each output
            with each other one; exponents and products.
        lut_per_folded_layer, lut_per_input_folded_layer: control of a layer that reuses multipliers more than n_in
            times, or up to that.
        lut_per_folded_input_bit, lut_per_folded_output_bit: its input multiplexers, its accumulators.
        lut_per_folded_multiplier_bit: around each of its multipliers, for 16 bits.
        lut_per_input_choice_bit: choosing an input in front of each multiplier, for R up to n_in.
        lut_per_selected_bit: choosing an accumulator behind each multiplier, for R above 2 n_in.
        ff_per_waiting_bit: of products that wait while multipliers are shared.
        ff_per_folded_layer: control of a layer that reuses multipliers.
        dsp_min_wide, dsp_min_narrow: bits of the wider and of the narrower factor from which HLS takes a DSP block.
        forced_dsp_min_narrow: the same, where products are forced into DSP blocks.
        adder_ns, multiplier_ns, shift_add_ns: delays on UltraScale and UltraScale+.
        adder_ns_7series, dsp_ns_7series, product_ns_7series, shift_add_ns_7series: delays on the 7 series; products in
            DSP blocks and in LUTs.
        usable_clock_vivado, usable_clock_vitis: the share of the clock period that HLS plans with.
        folded_cycles: cycles of a layer that reuses multipliers, beyond its reuse factor.
        folded_adder_ns: an adder of the tree behind folded multipliers.
        vsynth_lut_per_csynth, vsynth_ff_per_csynth: logic synthesis over the HLS compiler's report, latency strategy.
        vsynth_lut_per_csynth_folded: resource strategy.
        lut_per_adder_cost: LUTs after place and route over da4ml's cost (20 designs: 3.3 % mean error, 8.4 % at worst).
    """

    lut_per_adder_bit: float = 1.074
    pair_overhead_bits: float = 11.5
    lut_per_dsp: float = 6.0
    lut_per_product_bit: float = 0.62
    lut_per_relu_bit_vivado: float = 1.6
    lut_per_relu_bit_vitis: float = 2.2
    lut_per_table_output_vivado: float = 145.0
    lut_per_table_output_vitis: float = 130.0
    ff_per_table_output_vivado: float = 16.0
    ff_per_table_output_vitis: float = 26.0
    lut_per_softmax_pair: float = 12.0
    lut_per_softmax_output: float = 130.0
    ff_per_softmax: float = 100.0
    ff_per_softmax_output: float = 60.0
    lut_per_folded_layer: float = 4593.0
    lut_per_input_folded_layer: float = 600.0
    lut_per_folded_input_bit: float = 1.91
    lut_per_folded_output_bit: float = 1.47
    lut_per_folded_multiplier_bit: float = 2.97
    lut_per_input_choice_bit: float = 5.9
    lut_per_selected_bit: float = 0.328
    ff_per_waiting_bit: float = 0.5
    ff_per_folded_layer: float = 128.0
    dsp_min_wide: int = 10
    dsp_min_narrow: int = 5
    forced_dsp_min_narrow: int = 4
    adder_ns: float = 1.2
    multiplier_ns: float = 1.45
    shift_add_ns: float = 0.5
    adder_ns_7series: float = 2.07
    dsp_ns_7series: float = 6.38
    product_ns_7series: float = 4.17
    shift_add_ns_7series: float = 2.07
    usable_clock_vivado: float = 0.875
    usable_clock_vitis: float = 0.73
    folded_cycles: int = 2
    folded_adder_ns: float = 1.2
    vsynth_lut_per_csynth: float = 0.5
    vsynth_ff_per_csynth: float = 0.84
    vsynth_lut_per_csynth_folded: float = 0.66
    lut_per_adder_cost: float = 1.05

    def usable_clock(self, is_vitis: bool) -> float:
        """The share of the clock period that the compiler plans with."""
        return self.usable_clock_vitis if is_vitis else self.usable_clock_vivado
