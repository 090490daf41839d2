"""Badges as pictures (SVG) and as endpoints for shields.io."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from citewatch.domain.credits import credit, record_page
from citewatch.domain.milestones import badge_text
from citewatch.domain.printable import clean
from citewatch.exports.stand import as_of, counted, day, span, speaking
from citewatch.services.reported import Report, ReportedPaper
from citewatch.services.standing import Count

_NARROW, _WIDE = frozenset("iljtfrI.,:;|'!()[]- 1"), frozenset("mwMW@%")
_HEIGHT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgePicture:
    """What a badge shows and says."""

    name: str
    """The name of its files, without the suffix."""
    label: str
    message: str
    source: str
    """The name of whoever counts."""
    url: str
    as_of: str


def badges(report: Report) -> dict[str, bytes]:
    """Files by name: KEY.svg and KEY.json of every paper with a count, the totals, an index.

    shields.io refuses an endpoint with further keys, so source and day stand in its label,
    in the picture's own title, and in ``index.json`` for all of them.
    """
    shown = list(_shown(report))
    files: dict[str, bytes] = {}
    for one in shown:
        files[f"{one.name}.svg"] = badge_svg(one)
        files[f"{one.name}.json"] = shields_json(one)
    index = {one.name: _entry(one) for one in shown}
    named = {name: credit(name).sentence for name in speaking(report)}
    document = {"as_of": as_of(report), "credits": named, "badges": index}
    files["index.json"] = (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
    return files


def _entry(one: BadgePicture) -> dict[str, str]:
    said = {"message": one.message, "source": one.source, "url": one.url, "as_of": one.as_of}
    return {name: value for name, value in said.items() if value}


def _shown(report: Report) -> Iterator[BadgePicture]:
    for paper, count, citations in counted(report.papers):
        yield paper_badge(paper, count, citations)
    if report.totals.citations is None:
        return
    whose = " and ".join(credit(source).label for source in speaking(report))
    for name, label, number in (
        ("total-citations", "citations", report.totals.citations),
        ("h-index", "h-index", report.totals.h_index),
        ("i10-index", "i10-index", report.totals.i10_index),
    ):
        yield BadgePicture(
            name=name, label=f"{label} ({whose})", message=str(number), source=whose,
            url=credit(speaking(report)[0]).url, as_of=span(report),
        )  # fmt: skip


def paper_badge(paper: ReportedPaper, count: Count, citations: int) -> BadgePicture:
    """The badge of one paper: the step of the ladder, below its first one the number."""
    whose = clean(credit(count.source).label)
    return BadgePicture(
        name=paper.key,
        label=f"citations ({whose})",
        message=str(citations) if paper.badge is None else badge_text(paper.badge),
        source=whose,
        url=record_page(count.source, dict(paper.ids)),
        as_of="" if count.observed_at is None else day(count.observed_at),
    )


def shields_json(one: BadgePicture) -> bytes:
    """The answer of an endpoint (shields.io/badges/endpoint-badge): these keys and no other."""
    said = {"schemaVersion": 1, "label": one.label, "message": one.message, "color": "blue"}
    return (json.dumps(said, ensure_ascii=False) + "\n").encode()


def badge_svg(one: BadgePicture) -> bytes:
    """A flat badge of two fields that needs nothing from elsewhere."""
    left, right = _width(one.label), _width(one.message)
    title = f"{one.label}: {one.message}, as of {one.as_of}"
    fields = "".join(
        f'<text x="{x}" y="14" textLength="{w - 12}">{escape(text)}</text>'
        for x, w, text in ((left / 2, left, one.label), (left + right / 2, right, one.message))
    )
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{_HEIGHT}" '
        f'role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>'
        f'<clipPath id="r"><rect width="{left + right}" height="{_HEIGHT}" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{left}" height="{_HEIGHT}" fill="#444"/>'
        f'<rect x="{left}" width="{right}" height="{_HEIGHT}" fill="#0a5ca8"/></g>'
        '<g fill="#fff" text-anchor="middle" '
        f'font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">{fields}</g></svg>'
    )
    if one.url:
        # A link works where the picture is embedded as an object or opened by itself.
        picture = picture.replace("<g clip-path", f'<a href="{escape(one.url)}"><g clip-path', 1)
        picture = picture.removesuffix("</svg>") + "</a></svg>"
    return (picture + "\n").encode()


def _width(text: str) -> int:
    """Pixels of a text in 11 px Verdana, near enough: `textLength` makes it exact."""
    widths = (4.2 if c in _NARROW else 10.5 if c in _WIDE else 7.2 for c in text)
    return round(sum(widths)) + 12
