"""How Sphinx makes the site of these pages:  python -m tools.docs"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

import browserws

project = "browserws"
copyright = "the authors of browserws; MIT licence"
version = release = browserws.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "extensions.diagrams",
    "extensions.differences",
    "extensions.docstrings",
    "extensions.lexers",
    "extensions.links",
    "extensions.live",
    "extensions.tables",
]
exclude_patterns = ["extensions", "live"]

html_theme = "furo"
html_title = f"browserws {version}"
html_static_path = ["static"]
html_show_sphinx = False
html_copy_source = False
pygments_style = "friendly"

myst_heading_anchors = 4
myst_fence_as_directive = ["mermaid"]
myst_enable_extensions = ["colon_fence"]

default_role = "py:obj"  # docstrings have names and code in single backticks
autodoc_preserve_defaults = True
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"
