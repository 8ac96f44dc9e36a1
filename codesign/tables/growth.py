"""Growth: the front of networks of tables that one growth gives."""

from dataclasses import dataclass

from codesign.errors import BudgetError
from codesign.network import Network


@dataclass(frozen=True, eq=False)
class Grown:
    """One network of a growth.

    Args:
        network: of thresholds, raw bits, tables and sums, in the types of a design.
        lut: that its circuit is estimated to take.
        loss: on events that it was not grown on.
        trees: number of tables.
    """

    network: Network
    lut: float
    loss: float
    trees: int


@dataclass(frozen=True, eq=False)
class Growth:
    """Networks of every size from one growth; none has both more LUTs and a higher loss than another.

    Args:
        front: the networks, by LUTs.
        cpu_s: CPU seconds of all.
    """

    front: tuple[Grown, ...]
    cpu_s: float

    @property
    def networks(self) -> tuple[Network, ...]:
        """The networks, by LUTs."""
        return tuple(one.network for one in self.front)

    def spread(self, ratio: float) -> tuple["Grown", ...]:
        """Return networks whose LUTs differ by this ratio at least, from the largest down; none of a constant."""
        kept: list[Grown] = []
        for one in reversed([one for one in self.front if one.trees]):
            if not kept or one.lut * ratio <= kept[-1].lut:
                kept.append(one)
        return tuple(kept[::-1])

    def within(self, lut: float) -> Grown:
        """Return the network of the lowest loss within so many LUTs.

        Raises:
            BudgetError: if there is none; it says what the smallest takes.
        """
        fitting = [one for one in self.front if one.lut <= lut]
        if not fitting:
            raise BudgetError(
                f"lut: expected at least {self.front[0].lut:.0f}, the smallest network. Received: {lut:g}"
            )
        return min(fitting, key=lambda one: one.loss)


def front_of(found: list[Grown]) -> tuple[Grown, ...]:
    """Return the networks that no other beats in LUTs and loss, by LUTs."""
    front: list[Grown] = []
    for one in sorted(found, key=lambda one: (one.lut, one.loss)):
        if not front or one.loss < front[-1].loss:
            front.append(one)
    return tuple(front)
