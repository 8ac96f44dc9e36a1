"""Dense layers: sums of weighted integers, at each position."""

import numpy as np

from codesign.export.cpp_integer.lowered.place import Place
from codesign.export.cpp_integer.program import InOrder, Term, Unit
from codesign.export.cpp_integer.stages import casts
from codesign.network.types.codes import shifted


def lower_dense(place: Place) -> list[Unit]:
    """Return a unit for each output at each position."""
    fixed, accum = place.fixed, place.fixed.accum
    in_order = fixed.rounds_products or fixed.may_saturate
    kernel = fixed.kernel[0].astype(object)
    if not in_order:
        kernel = shifted(kernel, accum.fraction - fixed.product_fraction)
    shifts = place.shifts(0, int(np.max(place.types[0].fraction)))
    rows, lefts = (one.reshape(-1, len(kernel)) for one in (place.refs[0], shifts))
    overflow = casts(accum.fraction, accum, ())[0]
    order = InOrder(tuple(casts(fixed.product_fraction, accum, ())[0]), tuple(overflow)) if in_order else None
    own, units = iter(place.casts(accum.fraction)), []
    for refs, left in zip(rows, lefts):
        weights = shifted(kernel, left[:, np.newaxis])
        for column, bias in zip(weights.T, fixed.bias.tolist()):
            terms = [Term(int(column[i]), (refs[i],)) for i in np.flatnonzero(column)]
            stages = [*([] if in_order else overflow), *next(own)]
            units.append(Unit.of(terms, stages, bias=bias, in_order=order))
    return units
