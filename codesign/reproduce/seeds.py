"""The seeds of a study's trainings."""

from collections.abc import Sequence

from codesign.errors import ConfigError


def checked_seeds(seeds: Sequence[int] | None, default: Sequence[int]) -> list[int]:
    """Return the seeds, or the default ones for None, checked before hours of training.

    Raises:
        ConfigError: for none, a negative one, or one twice.
    """
    seeds = list(default if seeds is None else seeds)
    if not seeds or min(seeds) < 0 or len(set(seeds)) < len(seeds):
        received = " ".join(map(str, seeds)) or "none"
        raise ConfigError(f"seeds: expected different numbers of at least 0. Received: {received}")
    return seeds
