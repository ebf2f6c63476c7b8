"""Sphinx settings. The reference pages that come from the code are written by `python -m tests.docs.generate`."""

project = "worklist-routing"
author = "The worklist-routing developers"
copyright = "2026, the worklist-routing developers"
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "worklist-routing"
exclude_patterns = ["_build"]
suppress_warnings = ["misc.highlighting_failure"]
