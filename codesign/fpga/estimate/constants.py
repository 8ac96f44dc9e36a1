"""The constants of the estimate, in one object: a better fit replaces it, and no formula."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CostConstants:
    """What the closed forms multiply with, each constant with a meaning.

    Args:
        lut_per_adder_bit: an adder of an accumulation, per bit.
        lut_per_pair_bit_vivado, lut_per_pair_bit_vitis: a product of two digits, per bit of the input: Vivado HLS
            negates it where its weight is negative, Vitis HLS subtracts it.
        lut_per_dsp: glue around a multiplier in a DSP block.
        lut_per_registered_dsp, ff_per_registered_product_bit, ff_per_registered_pair_bit, ff_per_registered_output_bit:
            the same where the product is registered; and those registers, for each heavy and each two-digit product and
            each output, per bit of the accumulator: Strategy: Resource with a reuse factor of 1.
        lut_per_shared_pair: multiplexers in front of multipliers that take turns, for each product.
        lut_per_waiting_bit: shift registers, per bit of a value that waits.
        lut_per_product_bit: a multiplier in LUTs, per bit of one factor and bit of the other.
        lut_per_relu_bit_vivado, lut_per_relu_bit_vitis: a ReLU, per bit of its output.
        lut_per_rounded_bit_vivado, lut_per_rounded_bit_vitis: a ReLU that rounds and saturates, per bit of its input.
        rounding_ns_per_bit_7series: delay of such a one, per bit of its input.
        lut_per_table_output_vivado, lut_per_table_output_vitis, ff_per_table_output_vivado, ff_per_table_output_vitis:
            of sigmoid and tanh.
        lut_per_softmax_output, lut_per_softmax_product: comparison, difference and sums, and a product outside a DSP
            block, for each output.
        ff_per_softmax_output: for each output and cycle.
        lut_per_folded_layer, lut_per_input_folded_layer: control of a layer that reuses multipliers more than n_in
            times, or up to that.
        lut_per_folded_input_bit, lut_per_folded_output_bit: its input multiplexers, its accumulators.
        lut_per_walked_input_bit: what is added to the multiplexers where a single multiplier walks through all inputs.
        lut_per_folded_multiplier_bit: around each of its multipliers, for 16 bits.
        lut_per_input_choice_bit: choosing an input in front of each multiplier, for R up to n_in, per input and bit.
        lut_per_selected_bit: choosing an accumulator behind each multiplier, for R above 2 n_in.
        ff_per_waiting_bit: of products that wait while multipliers are shared, per bit of the accumulator.
        ff_per_folded_layer: control of a layer that reuses multipliers.
        dsp_min_wide, dsp_min_narrow: bits of the wider and of the narrower factor from which HLS takes a DSP block.
        forced_dsp_min_narrow: the same, where products are forced into DSP blocks.
        ff_per_chained_product: of sums that the compiler builds as a chain, bits for each product.
        waiting_share: of the bits that a pipeline holds, those of values that wait for others, at one adder level per
            cycle; half of it for each quarter of a level more.
        adder_ns, multiplier_ns, shift_add_ns: delays on UltraScale and UltraScale+.
        adder_ns_7series_vivado, adder_ns_7series_vitis: an adder level on the 7 series, as the compiler schedules it.
        carry_ns_per_bit_7series: by which an adder is slower for each bit beyond 16.
        dsp_ns_7series, dsp_ns_7series_slow: a product in a DSP block of the 7 series; the same at speed grade 1.
        chained_dsp_year: version of Vivado HLS from which adders chain behind DSP blocks of UltraScale+.
        largest_tree_vitis: weights of a layer up to which Vitis HLS balances its sums. Measured: 4,096 in trees,
            10,976 in chains.
        usable_clock_vivado, usable_clock_vitis: the share of the clock period that HLS plans with.
        folded_cycles: cycles of a layer that reuses multipliers, beyond its reuse factor.
        folded_adder_ns: an adder of the tree behind folded multipliers.
        vsynth_lut_per_csynth, vsynth_ff_per_csynth: logic synthesis over the HLS compiler's report, latency strategy.
        csynth_lut_per_channel_bit: a channel between layers of a dataflow, as the HLS compiler counts it.
        lut_per_channel_handshake: of each value in a channel, after logic synthesis.
        lut_per_control, ff_per_control: of a folded layer, after logic synthesis.
        lut_per_accumulator_bit: addition, start value, result and their choices, after logic synthesis; 5.0 on designs
            of 2023, 4.9 on those of 2018.
        lut_per_synthesised_relu_bit: a LUT sets two bits to zero by the sign.
        lut_per_synthesised_product_bit: a product in LUTs, per bit of one factor and bit of the other.
        ff_per_output_handshake: of each output of a folded layer, after logic synthesis.
        ff_per_folded_multiplier: what a folded multiplier holds after logic synthesis.
        synthesised_dsp_min_narrow: bits of the narrower factor from which logic synthesis takes a DSP block for a
            product that Vitis HLS left to it.
        old_...: of the kernels of 2018 and 2019, per bit of inputs, outputs, choices among inputs (bits of all inputs,
            once for each multiplier), and of accumulators that a multiplier selects from.
        lut_per_adder_cost: of Strategy: distributed_arithmetic, LUTs after place and route over da4ml's cost (20
            designs: 3.3 % mean error, 8.4 % at worst).
    """

    lut_per_adder_bit: float = 1.074
    lut_per_pair_bit_vivado: float = 2.125
    lut_per_pair_bit_vitis: float = 1.0
    lut_per_dsp: float = 6.0
    lut_per_registered_dsp: float = 1.4
    ff_per_registered_product_bit: float = 0.57
    ff_per_registered_pair_bit: float = 0.3
    ff_per_registered_output_bit: float = 1.44
    lut_per_product_bit: float = 1.0
    lut_per_shared_pair: float = 8.0
    lut_per_waiting_bit: float = 0.42
    lut_per_relu_bit_vivado: float = 1.75
    lut_per_relu_bit_vitis: float = 2.2
    lut_per_rounded_bit_vivado: float = 4.1
    lut_per_rounded_bit_vitis: float = 2.5
    rounding_ns_per_bit_7series: float = 0.165
    lut_per_table_output_vivado: float = 145.0
    lut_per_table_output_vitis: float = 130.0
    ff_per_table_output_vivado: float = 16.0
    ff_per_table_output_vitis: float = 26.0
    lut_per_softmax_output: float = 160.0
    lut_per_softmax_product: float = 366.0
    ff_per_softmax_output: float = 15.0
    lut_per_folded_layer: float = 4593.0
    lut_per_input_folded_layer: float = 600.0
    lut_per_folded_input_bit: float = 1.91
    lut_per_folded_output_bit: float = 1.47
    lut_per_walked_input_bit: float = 1.56
    lut_per_folded_multiplier_bit: float = 2.97
    lut_per_input_choice_bit: float = 0.18
    lut_per_selected_bit: float = 0.328
    ff_per_waiting_bit: float = 0.72
    ff_per_folded_layer: float = 128.0
    ff_per_chained_product: float = 14.0
    waiting_share: float = 0.4
    dsp_min_wide: int = 10
    dsp_min_narrow: int = 5
    forced_dsp_min_narrow: int = 4
    adder_ns: float = 1.2
    multiplier_ns: float = 1.45
    shift_add_ns: float = 0.5
    adder_ns_7series_vivado: float = 2.07
    adder_ns_7series_vitis: float = 2.7
    carry_ns_per_bit_7series: float = 0.05
    dsp_ns_7series: float = 3.4
    dsp_ns_7series_slow: float = 6.38
    chained_dsp_year: int = 2020
    largest_tree_vitis: int = 6700
    usable_clock_vivado: float = 0.875
    usable_clock_vitis: float = 0.73
    folded_cycles: int = 2
    folded_adder_ns: float = 1.2
    vsynth_lut_per_csynth: float = 0.5
    vsynth_ff_per_csynth: float = 0.84
    csynth_lut_per_channel_bit: float = 2.5
    lut_per_channel_handshake: float = 8.0
    lut_per_control: float = 200.0
    lut_per_accumulator_bit: float = 5.0
    lut_per_synthesised_relu_bit: float = 0.5
    lut_per_synthesised_product_bit: float = 0.55
    ff_per_control: float = 200.0
    ff_per_output_handshake: float = 7.0
    ff_per_folded_multiplier: float = 3.0
    synthesised_dsp_min_narrow: int = 7
    old_lut_per_input_bit: float = 7.0
    old_lut_per_output_bit: float = 5.5
    old_lut_per_choice_bit: float = 0.95
    old_lut_per_selected_bit: float = 101.0
    old_ff_per_input_bit: float = 8.5
    old_ff_per_multiplier_bit: float = 4.6
    old_ff_per_selected_bit: float = 39.0
    old_vsynth_lut_per_input_bit: float = 6.0
    old_vsynth_lut_per_output_bit: float = 4.9
    old_vsynth_lut_per_choice_bit: float = 0.25
    old_vsynth_lut_per_selected_bit: float = 77.0
    old_vsynth_ff_per_input_bit: float = 7.7
    old_vsynth_ff_per_output_bit: float = 4.3
    old_vsynth_ff_per_selected_bit: float = 7.2
    lut_per_adder_cost: float = 1.05

    def usable_clock(self, is_vitis: bool) -> float:
        """The share of the clock period that the compiler plans with."""
        return self.usable_clock_vitis if is_vitis else self.usable_clock_vivado
