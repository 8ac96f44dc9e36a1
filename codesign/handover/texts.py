"""Templates of the hand-over's texts."""

from jinja2 import Environment, PackageLoader, StrictUndefined

_ENVIRONMENT = Environment(
    loader=PackageLoader("codesign.handover"),
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=StrictUndefined,
    autoescape=False,  # nosec B701  # Markdown and C++; foreign text goes through markdown_text, names are identifiers
)


def rendered(template: str, **values: object) -> str:
    """Return a template with its values."""
    return _ENVIRONMENT.get_template(template).render(values)
