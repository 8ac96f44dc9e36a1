"""Cross-layer equalisation: what passes between PosteriorDense layers gets one size, the network stays the same."""

from collections.abc import Sequence

import numpy as np

from codesign.layers import PosteriorDense
from codesign.posterior.feeds import Feeder

_LARGEST_SHIFT = 6  # what is further away is nearly dead, and its weights would only need wider types


def equalize_scales(feeders: Sequence[Feeder], after: PosteriorDense) -> None:
    """Scale each value between layers by the power of two that brings its root mean square next to 1.

    As in Nagel et al. 2019 (arXiv:1906.04721), nothing else changes: relu is homogeneous, so ``w_in 2^-s`` with ``w_out
    2^s``, and all noises likewise, are the same network, to the bit. Trained scales differ by hundreds, since only
    ratios of signal and noise cost anything, and one learning rate then suits few of the weights.

    Args:
        feeders: all that give what `after` takes, and give it to nothing else, with relu or nothing in between.
        after: the layer that takes it, before its collapse.
    """
    shift = np.clip(
        np.round(0.5 * np.log2(np.maximum(after.mean_square.numpy(), 1e-12))), -_LARGEST_SHIFT, _LARGEST_SHIFT
    )
    unit, log_power = np.exp2(shift).astype(np.float32), (2 * np.log(2) * shift).astype(np.float32)
    for feeder in feeders:
        before, own = feeder.layer, unit[feeder.inputs]
        before.kernel.assign(before.kernel / own)
        before.bias.assign(before.bias / own)
        before.log_sigma2.assign_sub(np.broadcast_to(log_power[feeder.inputs], before.log_sigma2.shape))
    after.kernel.assign(after.kernel * unit[:, np.newaxis])
    after.log_sigma2.assign_add(np.broadcast_to(log_power[:, np.newaxis], after.log_sigma2.shape))
    after.log_tau2.assign_sub(log_power)
    after.mean_square.assign(after.mean_square / unit**2)
