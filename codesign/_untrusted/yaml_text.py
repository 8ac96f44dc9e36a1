"""YAML for settings: mappings, lists, texts and plain numbers, each key once, and no references.

Numbers are read as people write them: ``1e-3`` is a number, ``010`` and ``1:30`` are not (YAML 1.1 has 8 and 90), a
date is text, and ``.inf`` and ``.nan`` are errors: no setting can be one of them.
"""

import re

import yaml

from codesign.errors import UnreadableError

_LARGEST_DEPTH = 20
_MOST_EVENTS = 10_000
_LONGEST_NUMBER = 40
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)")
_DECIMAL = re.compile(r"[-+]?(?:[0-9][0-9_]*\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_REPLACED = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp")


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with our numbers; a key twice is an error that names its line."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in _REPLACED and first not in "<="]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        """Build a mapping of texts to values."""
        keys = set()
        for key_node, _ in node.value:
            key, line = self.construct_object(key_node, deep=True), key_node.start_mark.line + 1
            if not isinstance(key, (str, int, float, bool)):
                raise UnreadableError(f"line {line}: expected a key of one word")
            if key in keys:
                raise UnreadableError(f"line {line}: the key '{key}' is there twice")
            keys.add(key)
        return super().construct_mapping(node, deep)


def _number(loader: _Loader, node: yaml.ScalarNode) -> int | float:
    text = loader.construct_scalar(node).replace("_", "")
    if len(text) > _LONGEST_NUMBER:
        raise UnreadableError(f"line {node.start_mark.line + 1}: a number of {len(text)} characters")
    return int(text) if _INTEGER.fullmatch(text) else float(text)


def _not_finite(loader: _Loader, node: yaml.ScalarNode) -> None:
    text = loader.construct_scalar(node)
    raise UnreadableError(f"line {node.start_mark.line + 1}: {text}, where only finite numbers can be")


for _tag, _pattern in (("tag:yaml.org,2002:int", _INTEGER), ("tag:yaml.org,2002:float", _DECIMAL)):
    _Loader.add_implicit_resolver(_tag, re.compile(f"(?:{_pattern.pattern})$"), list("-+.0123456789"))
    _Loader.add_constructor(_tag, _number)


_Loader.add_implicit_resolver("not-finite", re.compile(f"(?:{_NOT_FINITE.pattern})$"), list("-+."))
_Loader.add_constructor("not-finite", _not_finite)


def parse_yaml(text: str) -> object:
    """Return the value that the text holds.

    Raises:
        UnreadableError: for text that is no YAML, has a key twice, references or tags, or is beyond a limit.
    """
    try:
        _check_events(text)
        return yaml.load(text, Loader=_Loader)  # nosec B506  # a SafeLoader
    except yaml.YAMLError as error:
        raise UnreadableError(" ".join(str(error).split())) from None
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError) as error:
        raise UnreadableError(f"a value that is none: {error}") from None


def _check_events(text: str) -> None:
    """Go through the text without building anything."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        line = event.start_mark.line + 1
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _LARGEST_DEPTH or count > _MOST_EVENTS:
            raise UnreadableError(f"line {line}: more than {_LARGEST_DEPTH} deep, or more than {_MOST_EVENTS:,} values")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise UnreadableError(f"line {line}: expected no reference (& or *); write the value out")
        if getattr(event, "tag", None):
            raise UnreadableError(f"line {line}: expected no tag (!). Received: {event.tag}")
