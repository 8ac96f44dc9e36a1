"""The seeds of a reproduction, checked before hours of training."""

from collections.abc import Sequence

from codesign.errors import ConfigError


def checked_seeds(seeds: Sequence[int] | None, default: Sequence[int]) -> list[int]:
    """Return the seeds, or the default ones for None.

    Raises:
        ConfigError: for no seed, a negative one, or one twice.
    """
    seeds = list(default if seeds is None else seeds)
    if not seeds or min(seeds) < 0 or len(set(seeds)) < len(seeds):
        raise ConfigError(
            f"seeds: expected different numbers of at least 0. Received: {' '.join(map(str, seeds)) or 'none'}"
        )
    return seeds
