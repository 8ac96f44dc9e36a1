"""XML of tools' reports: no document type, so no entities that expand or name other files."""

import re
from xml.etree import ElementTree  # nosec B405  # only trees without a document type are parsed, see parse_xml

from codesign.errors import UnreadableError

_LARGEST_DEPTH = 64
_MOST_ELEMENTS = 1_000_000
_DOCUMENT_TYPE = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def parse_xml(text: str) -> ElementTree.Element:
    """Return the root element.

    Raises:
        UnreadableError: for text that is not complete XML, has a document type, or is beyond a limit.
    """
    if _DOCUMENT_TYPE.search(text):
        raise UnreadableError("XML with a document type, which no report has")
    if text.count("<") > 2 * _MOST_ELEMENTS:
        raise UnreadableError(f"XML with more than {_MOST_ELEMENTS:,} elements")
    parser, depth = ElementTree.XMLPullParser(("start", "end")), 0
    root = None
    try:
        parser.feed(text)
        parser.close()
        for event, element in parser.read_events():
            root = element if root is None else root
            depth += 1 if event == "start" else -1
            if depth > _LARGEST_DEPTH:
                raise UnreadableError(f"XML nested more than {_LARGEST_DEPTH} deep")
    except (ElementTree.ParseError, ValueError) as error:
        raise UnreadableError(f"not complete XML: {error}") from None
    return root
