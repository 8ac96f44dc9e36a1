"""How large a network is, in the numbers that tables compare."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelSize:
    """Sizes of a network of dense layers.

    Args:
        sizes: inputs, units of each hidden dense layer, outputs, as built; several inputs, or outputs, together.
        parameters: all weights, zeros included.
        macs: multiply-accumulates of a dense evaluation: sum of n_in * n_out, as often as a layer is used in an event.
        live_weights: kernel entries that are not zero: in a chain, the multiply-accumulates of a sparse evaluation.
        live_units: inputs, hidden units and outputs that the outputs depend on, as `sizes`.
    """

    sizes: tuple[int, ...]
    parameters: int
    macs: int
    live_weights: int
    live_units: tuple[int, ...]

    @property
    def live_hidden(self) -> int:
        """Hidden units that the outputs depend on."""
        return sum(self.live_units[1:-1])


@dataclass(frozen=True)
class ShrinkReport:
    """What shrinking changed.

    Args:
        before, after: sizes of the stripped and of the shrunk network.
        features: indices of the features that stay.
    """

    before: ModelSize
    after: ModelSize
    features: tuple[int, ...]

    @property
    def mac_ratio(self) -> float:
        """Multiply-accumulates before over after, both dense: the bound on the speed-up with any runtime."""
        return self.before.macs / self.after.macs

    def __str__(self) -> str:
        rows = [("", "before", "after")]
        for title, values in (("layers", "sizes"), ("live units", "live_units")):
            rows.append((title, *("-".join(map(str, getattr(size, values))) for size in (self.before, self.after))))
        for title, values in (
            ("parameters", "parameters"),
            ("multiply-accumulates", "macs"),
            ("live weights", "live_weights"),
        ):
            rows.append((title, *(f"{getattr(size, values):,}" for size in (self.before, self.after))))
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        lines = [f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}" for row in rows]
        features = ", ".join(map(str, self.features))
        return "\n".join([*lines, f"features kept: {len(self.features)} of {self.before.sizes[0]} ({features})"])
