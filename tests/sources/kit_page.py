"""How pages of papers answer when all is well: Highwire tags in a page. Made-up papers."""

from __future__ import annotations

from html import escape

from source_kit import HtmlDialect, Kit
from source_world import Reply, Request

from citewatch.domain.identifiers import ACL

KNOWN = ("2099.made-main.1", "2099.made-main.2", "2099.made-short.3")


def page(title: str | None, *more: tuple[str, str], body: str = "<p>An abstract.</p>") -> bytes:
    """A page with these tags, in the usual spelling."""
    tags = [("citation_title", title)] if title is not None else []
    head = "".join(
        f'<meta name="{name}" content="{escape(value)}">' for name, value in (*tags, *more) if value
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title or 'A page')}</title>{head}</head><body>{body}</body></html>"
    ).encode()


def html(body: bytes, status: int = 200) -> Reply:
    return Reply(status, body, content_type="text/html; charset=utf-8")


def paper_page(number: str) -> bytes:
    """A page in the way of the ACL Anthology."""
    return page(
        f"Paper {number}",
        ("citation_author", "Ada Lovelace"),
        ("citation_author", "Châtelet, Émilie du"),
        ("citation_conference_title", "Proceedings of Made-Up Results"),
        ("citation_publication_date", "2099/1"),
        ("citation_pdf_url", f"https://aclanthology.org/{number}.pdf"),
    )


def answer(request: Request) -> Reply:
    """Below a folder for each host, as behind a ``base_url``."""
    host, _, path = request.path.removeprefix("/").partition("/")
    number = path.strip("/")
    if host == "aclanthology.org" and number in KNOWN:
        return html(paper_page(number))
    return html(page(None, body="<h1>Not found</h1>"), 404)


KIT = Kit(
    name="page",
    scheme=ACL,
    known=KNOWN,
    unknown=("2099.nobody-main.1", "2099.nobody-main.2", "2099.nobody-main.3"),
    malformed="2099_made_main_1",
    answer=answer,
    dialect=HtmlDialect(),
    searches=False,
    private=True,  # each page, each host by itself
    otherwise={
        # Half a megabyte is enough for any head; one that does not end by then is none.
        "body: ten megabytes of nothing": "failed:too_large",
        "body: a page": "failed:bot_wall",
        "body: a page that claims otherwise": "failed:bot_wall",
        # A page or a file without tags identifies no paper.
        "body: XHTML": "missing",
        "body: a PDF": "missing",
        # Pages have many charsets: what is left after reading them is no page.
        "body: not in UTF-8": "failed:not_html",
        "body: in UTF-16": "failed:not_html",
        "body: a gzip bomb in gzip": "failed:not_html",
        "body: a part": "failed:truncated",
        # A page that is gone identifies no paper any more.
        "status 404": "missing",
        "status 410": "missing",
    },
)
