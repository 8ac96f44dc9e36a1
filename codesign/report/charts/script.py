"""The page's only script: hover, zoom and the layout of charts on narrow screens."""

import base64
import hashlib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class Script:
    """A script, and what a content security policy calls it."""

    text: str

    @property
    def source(self) -> str:
        """Its hash: a policy of it lets no other script run, whatever the page's texts hold."""
        digest = hashlib.sha256(self.text.encode()).digest()
        return f"sha256-{base64.b64encode(digest).decode()}"


def _script() -> Script:
    folder = files("codesign.report").joinpath("templates")
    parts = [folder.joinpath(name).read_text(encoding="utf-8") for name in ("axes.js", "charts.js", "events.js")]
    return Script('"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n")


SCRIPT = _script()
