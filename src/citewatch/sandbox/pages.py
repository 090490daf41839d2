"""Pages of publishers and proceedings: with Highwire tags, without, and of bad sorts.

``/<host>/<path>`` answers as the page would at its real address. Their pace is manners,
not enforced; no page counts anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from html import escape
from types import MappingProxyType

from citewatch.sandbox.http import HTML_TYPE, Request, Response, text_response
from citewatch.sandbox.pages_markup import Markup, head_of
from citewatch.sandbox.pages_places import NEURIPS, Sheet, sheets
from citewatch.sandbox.world import World

ODD_HOST = "pages.example.org"
LARGE_BYTES = 4 << 20
ALIASES = {"papers.nips.cc": NEURIPS}
"""Hosts that show what another one has."""
_PDF = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Title (citation_title) >>\nendobj\n%%EOF\n"
_ODD_TITLE = "Überprüfung & Beweis: “Grüße” aus dem Maße"


class Pages:
    """The pages over one world.

    Beside those of papers there are, on `ODD_HOST`: ``/no-tags.html``, ``/large.html``
    (tags in the head, then megabytes), ``/late-tags.html`` (megabytes, then tags),
    ``/latin-1.html`` (in another charset), and ``/paper.pdf``.
    """

    def __init__(self, world: World, *, limits: bool = True) -> None:  # noqa: ARG002 - none here
        self._world = world

    # What follows is made at the first question: most runs ask some of the services only.

    @cached_property
    def _by_key(self) -> dict[str, Sheet]:
        return sheets(self._world)

    @cached_property
    def _by_place(self) -> dict[str, Sheet]:
        return {sheet.host + sheet.path: sheet for sheet in self._by_key.values()}

    @cached_property
    def _pdfs(self) -> frozenset[str]:
        return frozenset(sheet.host + sheet.pdf_path for sheet in self._by_key.values())

    @property
    def paths(self) -> Mapping[str, str]:
        """Where a paper's page is, as a path of this service, by the paper's key."""
        return MappingProxyType(
            {key: f"/{sheet.host}{sheet.path}" for key, sheet in self._by_key.items()}
        )

    def answer(self, request: Request, now: float, fault: str | None = None) -> Response:  # noqa: ARG002 - one shape for all services
        """The answer to one request; pages look the same at any time."""
        host, _, path = request.path.removeprefix("/").partition("/")
        place = f"{ALIASES.get(host, host)}/{path}"
        if request.method != "GET":
            return _not_found(request.path)
        if place in self._pdfs or place == f"{ODD_HOST}/paper.pdf":
            return Response(status=200, body=_PDF, content_type="application/pdf")
        if host == ODD_HOST and path in self._odd:
            return self._odd[path]
        sheet = self._by_place.get(place)
        return _not_found(request.path) if sheet is None else _html(_page(sheet))

    @cached_property
    def _odd(self) -> dict[str, Response]:
        tags = "".join(
            Markup().tag(name, value)
            for name, value in (
                ("citation_title", _ODD_TITLE),
                ("citation_author", "Grün, Jürgen"),
                ("citation_publication_date", "2021/6"),
            )
        )
        filling = "<p>" + "Nothing to see here. " * 50 + "</p>\n"
        filling *= 1 + LARGE_BYTES // len(filling)
        return {
            "no-tags.html": _html(_document("<title>A page</title>", "<p>No tags here.</p>")),
            "large.html": _html(_document(tags, filling)),
            "late-tags.html": _html(_document("<title>Late</title>", filling + tags)),
            "latin-1.html": Response(
                status=200,
                body=_document(tags, "").encode("latin-1", "xmlcharrefreplace"),
                content_type="text/html; charset=ISO-8859-1",
            ),
        }


def _document(head: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{body}\n'
        "</body>\n</html>\n"
    )


def _page(sheet: Sheet) -> str:
    people = ",&nbsp;".join(escape(name) for name in sheet.authors)
    return _document(
        head_of(sheet),
        f"<h1>{escape(sheet.title)}</h1>\n<p>{people}</p>\n"
        f'<p><i>{escape(sheet.venue)}</i>, {sheet.year}. <a href="{sheet.pdf_url}">PDF</a></p>',
    )


def _html(text: str) -> Response:
    return Response(status=200, body=text.encode(), content_type=HTML_TYPE, ids=1)


def _not_found(path: str) -> Response:
    page = _document("<title>404 Not Found</title>", f"<h1>Nothing at {escape(path)}</h1>")
    return text_response(404, page, content_type=HTML_TYPE)
