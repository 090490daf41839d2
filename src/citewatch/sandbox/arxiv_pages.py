"""arXiv's abs pages: meta tags, dates, history of versions, and the marks of a withdrawal."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html import escape

from citewatch.sandbox.arxiv_atom import WITHDRAWN_COMMENT
from citewatch.sandbox.http import HTML_TYPE, Request, Response, text_response
from citewatch.sandbox.records import Notes, Preprint, Version, number_of
from citewatch.sandbox.world import World

_PAGE = re.compile(r"/abs/(?P<id>\d{4}\.\d{4,5}|[a-z.A-Z-]+/\d{7})(?:v(?P<version>\d+))?")


class ArxivPages:
    """The abs pages over one world. Their pace (15 s by robots.txt) is manners, not enforced."""

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, request: Request, now: float) -> Response:
        """The answer to one request at ``now``."""
        found = _PAGE.fullmatch(request.path)
        preprint = self._world.preprints.get(found["id"]) if found else None
        if found is None or preprint is None:
            return _not_found(request.path)
        versions = preprint.visible(now)
        shown = int(found["version"] or len(versions))
        if not 1 <= shown <= len(versions):
            return _not_found(request.path)
        page = _page(preprint, versions, shown, preprint.remarks(now))
        return text_response(200, page, content_type=HTML_TYPE)


def _not_found(path: str) -> Response:
    text = f"<html><head><title>Not found</title></head><body><h1>No paper {escape(path)}</h1>"
    return text_response(404, text + "</body></html>", content_type=HTML_TYPE)


def _day(at: float, pattern: str = "%d %b %Y") -> str:
    return datetime.fromtimestamp(at, UTC).strftime(pattern).lstrip("0")


def _meta(name: str, value: str) -> str:
    return f'<meta name="{name}" content="{escape(value)}" />'


def _page(preprint: Preprint, versions: tuple[Version, ...], shown: int, notes: Notes) -> str:
    version = versions[shown - 1]
    name = escape(version.title)
    authors = ", ".join(f'<a href="#">{escape(author.strip())}</a>' for author in preprint.authors)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>  <title>[{preprint.id}] {name}</title>\n  '
        + _tags(preprint, versions, version, notes)
        + '\n</head>\n<body>\n<div id="content-inner">\n  <div id="abs">\n'
        + _banner(preprint, versions, shown)
        + f'    <div class="dateline">\n  {_dateline(preprint, versions, shown)}</div>\n'
        + f'    <h1 class="title mathjax"><span class="descriptor">Title:</span>{name}</h1>\n'
        + f'    <div class="authors"><span class="descriptor">Authors:</span>{authors}</div>\n'
        + '    <blockquote class="abstract mathjax"><span class="descriptor">Abstract:</span>'
        + f"{escape(preprint.abstract)}</blockquote>\n"
        + _table(preprint, version, shown, notes)
        + "  </div>\n"
        + _history(preprint, versions, shown)
        + "</div>\n</body>\n</html>\n"
    )


def _tags(preprint: Preprint, versions: tuple[Version, ...], version: Version, notes: Notes) -> str:
    tags = [_meta("citation_title", version.title)]
    tags += [_meta("citation_author", _inverted(author)) for author in preprint.authors]
    tags += [_meta("citation_doi", doi) for doi in notes.dois[:1]]
    stamp = "%Y/%m/%d"
    tags.append(_meta("citation_date", _day(versions[0].at, stamp)))
    tags.append(_meta("citation_online_date", _day(version.at, stamp)))
    tags.append(_meta("citation_pdf_url", f"https://arxiv.org/pdf/{preprint.id}"))
    tags.append(_meta("citation_arxiv_id", preprint.id))
    tags.append(_meta("citation_abstract", preprint.abstract))
    return "".join(tags)


def _inverted(name: str) -> str:
    first, _, last = name.strip().rpartition(" ")
    return f"{last}, {first}" if first else last


def _banner(preprint: Preprint, versions: tuple[Version, ...], shown: int) -> str:
    if not versions[-1].withdrawn:
        return ""
    lead = "This paper" if shown == len(versions) else "A newer version of this paper"
    who = escape(preprint.authors[0].strip())
    return f'    <span class="error">{lead} has been withdrawn by {who}</span>\n'


def _dateline(preprint: Preprint, versions: tuple[Version, ...], shown: int) -> str:
    first, chosen = versions[0], versions[shown - 1]
    if len(versions) == 1:
        return f"[Submitted on {_day(first.at)}]"
    link = f'<a href="https://arxiv.org/abs/{preprint.id}v1">v1</a>'
    if shown == 1:
        newest = versions[-1]
        return (
            f"[Submitted on {_day(first.at)} (this version), latest version "
            f'{_day(newest.at)} (<a href="https://arxiv.org/abs/{preprint.id}v{len(versions)}">'
            f"v{len(versions)}</a>)]"
        )
    return (
        f"[Submitted on {_day(first.at)} ({link}), last revised {_day(chosen.at)} "
        f"(this version, v{shown})]"
    )


def _table(preprint: Preprint, version: Version, shown: int, notes: Notes) -> str:
    comment = WITHDRAWN_COMMENT if version.withdrawn else notes.comment
    cells = [("comments mathjax", "Comments:", escape(comment or ""))] if comment else []
    cells.append(("subjects", "Subjects:", f"<span>Made-Up Subject ({preprint.category})</span>"))
    if notes.journal_ref:
        cells.append(("jref", "Journal&nbsp;reference:", escape(notes.journal_ref)))
    cells += [("doi", "Related DOI:", f"https://doi.org/{escape(doi)}") for doi in notes.dois]
    cells.append(("arxivid", "Cite as:", f"arXiv:{preprint.id}"))
    cells.append(("arxividv", "&nbsp;", f"(or arXiv:{preprint.id}v{shown} for this version)"))
    cells.append(("arxivdoi", "&nbsp;", f"https://doi.org/10.48550/arXiv.{preprint.id}"))
    rows = "".join(
        f'<tr><td class="tablecell label">{label}</td><td class="tablecell {name}">{text}</td>'
        "</tr>\n"
        for name, label, text in cells
    )
    return f'    <div class="metatable"><table summary="Additional metadata">{rows}</table></div>\n'


def _history(preprint: Preprint, versions: tuple[Version, ...], shown: int) -> str:
    lines = []
    for number, version in enumerate(versions, start=1):
        label = f"[v{number}]"
        if number != shown:
            label = f'<a href="/abs/{preprint.id}v{number}" rel="nofollow">{label}</a>'
        moment = datetime.fromtimestamp(version.at, UTC)
        when = f"{moment:%a}, {_day(version.at)} {moment:%H:%M:%S} UTC"
        size = 1 if version.withdrawn else 400 + number_of(f"{preprint.id}v{number}", 4_000)
        mark = " <em>(withdrawn)</em>" if version.withdrawn else ""
        lines.append(f"    <strong>{label}</strong>\n        {when} ({size:,} KB){mark}<br/>\n")
    who = escape(preprint.authors[0].strip())
    return (
        '  <div class="submission-history">\n    <h2>Submission history</h2> '
        f"From: {who} [view email]      <br/>\n" + "".join(lines) + "  </div>\n"
    )
