"""Sphinx's settings: `make docs` builds docs/_build, with warnings as errors and without the network."""

import inspect
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
sys.path.insert(0, str(Path(__file__).parent.parent))

import codesign

project = "codesign"
author = "the codesign developers"
release = version = codesign.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "requirements.txt"]
default_role = "code"
templates_path = ["_templates"]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

autosummary_generate = True
_OF_SCIKIT_LEARN = "set_fit_request, set_score_request, set_partial_fit_request, set_predict_request"
autodoc_default_options = {"members": True, "member-order": "bysource", "exclude-members": _OF_SCIKIT_LEARN}
autodoc_typehints = "signature"
autodoc_inherit_docstrings = False
autodoc_preserve_defaults = True
napoleon_custom_sections = ["Input shape", "Output shape"]
napoleon_use_rtype = False
toc_object_entries = False

html_theme = "pydata_sphinx_theme"
html_title = f"codesign {release}"
html_show_sourcelink = False
html_sidebars = {"**": ["globaltoc.html"]}
html_theme_options = {
    "navbar_center": [],
    "show_prev_next": False,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
}


def _arguments_of_init(app, what, name, obj, options, signature, returns):
    """Show a class with the arguments of its own `__init__`: that of a Keras layer hides behind `__new__`."""
    if what != "class" or "__init__" not in vars(obj):
        return None
    arguments = list(inspect.signature(obj.__init__).parameters.values())[1:]
    shown = [argument.replace(annotation=inspect.Parameter.empty) for argument in arguments]
    return str(inspect.Signature(shown)), returns


def setup(app):
    """Sphinx calls this."""
    app.connect("autodoc-process-signature", _arguments_of_init)
