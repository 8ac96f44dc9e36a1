"""ROOT, by uproot: the branches of a tree, or fields of an RNTuple, that hold one number or text for an event."""

import math

import numpy as np

from codesign.data.readers.table import NUMBERS, TEXT, Table, as_rows, narrowed
from codesign.errors import UnreadableError, nearest

_MOST_BRANCHES = 20_000


def open_root(path: str, inside: str) -> list[Table]:
    """Return the table of a tree: the one that is named, or the only one in the file.

    Raises:
        UnreadableError: for no such tree, or several.
    """
    import uproot

    uproot.deserialization.compile_class = _refuse_classes
    file = uproot.open({path: None})
    trees = {
        name: kind
        for name, kind in file.classnames(cycle=False).items()
        if kind in ("TTree", "TNtuple", "ROOT::RNTuple")
    }
    if inside and inside not in trees:
        raise UnreadableError(f"no tree '{inside}' in it{nearest(inside, trees)}; it has {', '.join(trees) or 'none'}")
    if not inside and len(trees) != 1:
        example = f"; name it behind a colon: {', '.join(trees)}" if trees else ""
        raise UnreadableError(f"{len(trees) or 'no'} trees in it, expected one{example}")
    tree = file[inside or next(iter(trees))]
    names = tree.keys() if trees[inside or next(iter(trees))] != "ROOT::RNTuple" else list(tree.keys(recursive=False))
    if len(names) > _MOST_BRANCHES:
        raise UnreadableError(f"{len(names):,} branches, expected at most {_MOST_BRANCHES:,}")
    return [_table(path, tree, names)]


def _refuse_classes(*_: object) -> None:
    """uproot would compile Python of a class that the file describes."""
    raise UnreadableError("a class of its own")


def _table(path: str, tree: object, names: list[str]) -> Table:
    kinds, shapes, unreadable = {}, {}, {}
    for name in names:
        shown = name.split("/")[-1].rstrip(".")
        try:
            kind, shape = _kind(tree[name])
        except Exception as error:  # uproot raises what it pleases for branches that it does not know
            kind, shape = f"unknown to uproot ({(str(error).splitlines() or [type(error).__name__])[0]:.60})", ()
        if kind in (NUMBERS, TEXT):
            kinds[shown] = kind
            shapes |= {shown: shape} if math.prod(shape) != 1 else {}
        elif kind:
            unreadable[shown] = kind
    found = {name.split("/")[-1].rstrip("."): name for name in names}

    def read(wanted: list[str]) -> dict[str, np.ndarray]:
        return {name: _values(tree[found[name]], kinds[name]) for name in wanted}

    return Table(path, kinds, read, shapes, unreadable)


def _kind(branch: object) -> tuple[str, tuple[int, ...]]:
    """Return what a branch holds, and the shape of an event in it."""
    import uproot

    if not hasattr(branch, "interpretation"):
        return _field_kind(branch)
    how = branch.interpretation
    if isinstance(how, uproot.AsStrings):
        return TEXT, ()
    if isinstance(how, uproot.AsDtype) and how.to_dtype.fields is None and how.to_dtype.base.kind in "fiub":
        return NUMBERS, how.to_dtype.shape
    if isinstance(how, uproot.interpretation.grouped.AsGrouped):
        return "", ()  # a branch of branches, which are there themselves
    return f"{branch.typename}: not one number for each event", ()


def _field_kind(field: object) -> tuple[str, tuple[int, ...]]:
    if field.typename == "std::string":
        return TEXT, ()
    plain = field.typename.removeprefix("std::").removesuffix("_t")
    try:
        kind = np.dtype({"float": "f4", "double": "f8"}.get(plain, plain)).kind
    except TypeError:
        kind = ""
    return (NUMBERS, ()) if kind and kind in "fiub" else (f"{field.typename}: not one number for each event", ())


def _values(branch: object, kind: str) -> np.ndarray:
    values = branch.array(library="np")
    if kind == TEXT:
        return np.array([str(one) for one in values], dtype=np.str_)
    return narrowed(as_rows(np.asarray(values)))
