"""Put a report into its page: template, style sheet, and what the browser may load."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import TextIO

from jinja2 import DictLoader, Environment, StrictUndefined

from citewatch.charts.colours import CHART_CSS
from citewatch.charts.figures import figures_of, growth_words, totals_figures
from citewatch.cli.render.page.parts import (
    basis_words,
    gains_of,
    headline_figures,
    notices,
    paper_rows,
    source_rows,
    window_words,
)
from citewatch.cli.render.words import clean, minute, rfc3339
from citewatch.domain.milestones import Ladder
from citewatch.services.reported import Report

_TEMPLATE, _STYLE = "report.html", "report.css"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a page needs beside the report."""

    title: str
    """Whose papers they are; "" for everything that is watched."""
    ladder: Ladder
    version: str
    """The program's own, for the last line."""


def report_html(report: Report, out: TextIO, setting: Setting) -> None:
    """Write the page.

    It has no script, asks for nothing from anywhere, and says so to the browser: the
    only style that is allowed is its own, named by its checksum.
    """
    style = _own(_STYLE) + CHART_CSS
    digest = b64encode(sha256(style.encode()).digest()).decode("ascii")
    page = _environment().get_template(_TEMPLATE)
    facts: dict[str, object] = {
        "title": clean(setting.title) or "all watched papers",
        "as_of": minute(report.as_of),
        "as_of_iso": rfc3339(report.as_of),
        "version": setting.version,
        "style": style,
        "policy": f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'",
        "never_asked": report.never_asked,
        "headline": headline_figures(report),
        "gains": gains_of(report),
        "basis": basis_words(report),
        "totals": totals_figures(report.trend.over_time),
        "growth": growth_words(report.trend.over_time),
        "notices": notices(report),
        "windows": [window_words(window) for window in report.windows],
        "papers": paper_rows(report),
        "figures": figures_of(report, setting.ladder),
        "sources": source_rows(report),
    }
    out.writelines(page.generate(facts))
    out.write("\n")


def _own(name: str) -> str:
    return files("citewatch.cli.render.page").joinpath(name).read_text(encoding="utf-8")


def _environment() -> Environment:
    return Environment(
        loader=DictLoader({_TEMPLATE: _own(_TEMPLATE)}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
