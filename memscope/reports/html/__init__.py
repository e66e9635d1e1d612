"""The report: one HTML file with a flame graph, which needs nothing else and calls nobody."""

from __future__ import annotations

from memscope.reports.html.difference import difference_page
from memscope.reports.html.single import capture_page

__all__ = ["capture_page", "difference_page"]
