"""What is said of picks, each sentence once, with the picks that it is of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from codesign.report.sections.values import listed
from codesign.report.view import estimate_note


def shared_sentences(said: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return each sentence once, behind the roles that it is of: ``smallest and best``.

    Args:
        said: role and sentence, in order.

    Example:
        >>> from codesign.report.pick_sentences import shared_sentences
        >>> shared_sentences([("smallest", "it is small"), ("best", "it is good"), ("best", "it is small")])
        [('smallest and best', 'it is small'), ('best', 'it is good')]
    """
    whose: dict[str, dict[str, None]] = {}
    for role, sentence in said:
        whose.setdefault(sentence, {})[role] = None
    return [(" and ".join(roles), sentence) for sentence, roles in whose.items()]


def pick_sentences(picks: Sequence[Mapping]) -> list[tuple[str, str]]:
    """Return roles, and what follows them on the page: ``: a note``, or ``, of its estimate: a note.``.

    Args:
        picks: rows of :func:`codesign.report.view.pick_rows`.
    """
    return shared_sentences((str(pick["role"]), one) for pick in picks for one in _said(pick))


def note_sentences(picks: Sequence[Mapping]) -> list[tuple[str, str]]:
    """Return roles and notes, without what is said of estimates."""
    return shared_sentences((str(pick["role"]), str(one)) for pick in picks for one in listed(pick.get("notes")))


def _said(pick: Mapping) -> Iterator[str]:
    compared, of_estimate = estimate_note(pick), listed(pick.get("estimate_notes"))
    if compared:
        yield f": {compared}."
    if of_estimate:
        yield f", of its estimate: {'; '.join(map(str, of_estimate))}."
    yield from (f": {note}" for note in listed(pick.get("notes")))
