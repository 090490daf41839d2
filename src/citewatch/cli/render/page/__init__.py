"""The report as one HTML file that needs nothing but itself."""

from __future__ import annotations

from citewatch.cli.render.page.write import Setting, report_html

__all__ = ["Setting", "report_html"]
