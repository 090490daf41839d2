"""How each source answers when all is well, written from its documentation. Made-up papers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from xml.sax.saxutils import escape

from source_kit import AtomDialect, Kit
from source_world import Reply, Request, json_reply

from citewatch.domain.identifiers import ARXIV, OPENREVIEW

__all__ = ["KITS", "Kit"]


# --- Semantic Scholar ----------------------------------------------------------------

S2_KNOWN = {"ARXIV:1706.03762": 900, "ARXIV:2001.00001": 0, "ARXIV:2002.00002": 12}


def s2_record(written: str, count: object, **more: object) -> dict[str, object]:
    number = written.rpartition(":")[2]
    return {
        "paperId": f"{abs(hash(written)) % 10**30:040x}",
        "title": f"Paper {number}",
        "citationCount": count,
        "influentialCitationCount": 1,
        "year": 2020,
        "publicationDate": "2020-01-02",
        "venue": "",
        "authors": [{"authorId": None, "name": "Ada Lovelace"}],
        "externalIds": {"ArXiv": number, "CorpusId": 77, "DOI": f"10.48550/arXiv.{number}"},
        **more,
    }


def s2_answer(request: Request) -> Reply:
    if request.path.endswith("/paper/search/match"):
        title = request.query["query"]
        for written, count in S2_KNOWN.items():
            if title == f"Paper {written.rpartition(':')[2]}":
                return json_reply({"data": [{**s2_record(written, count), "matchScore": 99.5}]})
        return json_reply({"error": "Title match not found"}, 404)
    ids = json.loads(request.body)["ids"]
    if not any(i in S2_KNOWN for i in ids):
        return json_reply({"error": "No valid paper ids given"}, 400)
    return json_reply([s2_record(i, S2_KNOWN[i]) if i in S2_KNOWN else None for i in ids])


# --- arXiv ---------------------------------------------------------------------------

ARXIV_KNOWN = {"1706.03762": 7, "hep-th/9901001": 2, "2001.00001": 1}


def atom_entry(number: str, version: int, title: str | None = None, extra: str = "") -> str:
    return f"""<entry><id>http://arxiv.org/abs/{number}v{version}</id>
    <title>{escape(title or f"Paper {number}")}</title>
    <updated>2021-01-01T00:00:00Z</updated><published>2017-06-12T17:57:34Z</published>
    <author><name> Ada  Lovelace</name></author><author><name>Émilie du Châtelet</name></author>
    {extra}</entry>"""


def atom_feed(entries: Sequence[str], total: int | None = None) -> bytes:
    found = len(entries) if total is None else total
    return f"""<?xml version='1.0' encoding='UTF-8'?>
    <feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"
          xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">
    <id>https://arxiv.org/api/x</id><title>arXiv Query</title>
    <opensearch:totalResults>{found}</opensearch:totalResults>
    {"".join(entries)}</feed>""".encode()


def atom_error(summary: str) -> bytes:
    fragment = summary.replace(" ", "_")
    entry = f"""<entry><id>https://arxiv.org/api/errors#{escape(fragment)}</id>
    <title>Error</title><summary>{escape(summary)}</summary></entry>"""
    return atom_feed([entry])


def atom_reply(body: bytes, status: int = 200) -> Reply:
    return Reply(status, body, content_type="application/atom+xml")


def arxiv_answer(request: Request) -> Reply:
    if request.path.startswith("/abs/"):
        return abs_answer(request)
    if "search_query" in request.query:
        words = request.query["search_query"]
        return atom_reply(
            atom_feed([atom_entry(n, v) for n, v in ARXIV_KNOWN.items() if f'"Paper {n}"' in words])
        )
    ids = request.query["id_list"].split(",")
    # Entries come in an order of their own.
    found = sorted((i for i in ids if i in ARXIV_KNOWN), reverse=True)
    return atom_reply(atom_feed([atom_entry(i, ARXIV_KNOWN[i]) for i in found]))


def abs_page(number: str, history: str, more: str = "") -> bytes:
    return f"""<!DOCTYPE html><html><head>
    <meta name="citation_title" content="Paper &amp; {number}" />
    <meta name="citation_author" content="Lovelace, Ada" />
    <meta name="citation_author" content="The Analytical Collaboration" />
    <meta name="citation_date" content="2009/02/24" />
    <meta name="citation_arxiv_id" content="{number}" />{more}</head><body>
    <div class="submission-history"><h2>Submission history</h2> From: A. Lovelace <br/>
    {history}</div></body></html>""".encode()


def abs_answer(request: Request) -> Reply:
    number = request.path.removeprefix("/abs/")
    if number not in ARXIV_KNOWN:
        return Reply(404, b"<html>not found</html>", content_type="text/html")
    history = (
        f'<strong><a href="/abs/{number}v1" rel="nofollow">[v1]</a></strong>\n'
        "Tue, 24 Feb 2009 02:41:08 UTC (7 KB)<br/>\n"
        "<strong>[v2]</strong>\nThu, 26 Mar 2009 04:20:50 UTC (1 KB) <em>(withdrawn)</em><br/>"
    )
    return Reply(200, abs_page(number, history), content_type="text/html; charset=utf-8")


# --- OpenReview ------------------------------------------------------------------------

OR_KNOWN = ("aaaaaaaaaa", "bbbbbbbbbb")


def or_note(note_id: str, **more: object) -> dict[str, object]:
    home = "ICLR.cc/2024/Conference"
    return {
        "id": note_id,
        "forum": note_id,
        "invitations": [f"{home}/-/Submission", f"{home}/-/Edit"],
        "domain": home,
        "cdate": 1_695_000_000_000,
        "pdate": 1_705_000_000_000,
        "content": {
            "title": {"value": f"Paper {note_id}"},
            "authors": {"value": ["Ada Lovelace"]},
            "venue": {"value": "ICLR 2024 poster"},
            "venueid": {"value": home},
        },
        **more,
    }


def or_error(name: str, status: int, **details: object) -> Reply:
    body = {"name": name, "message": f"{name} it is", "status": status, "details": details}
    return json_reply(body, status)


def or_answer(request: Request) -> Reply:
    if request.path.endswith("/login"):
        return json_reply({"token": "fresh-token", "user": {}})
    if not request.headers.get("authorization", "").startswith("Bearer "):
        return or_error("ChallengeRequiredError", 403)
    if "content.title" in request.query:
        title = request.query["content.title"]
        return json_reply({"notes": [or_note(n) for n in OR_KNOWN if title == f"Paper {n}"]})
    forum = request.query["forum"]
    return json_reply({"notes": [or_note(forum)] if forum in OR_KNOWN else []})


KITS = (
    Kit(
        name="semantic_scholar",
        scheme=ARXIV,
        known=("1706.03762", "2001.00001", "2002.00002"),
        unknown=("2101.00001", "2101.00002", "2101.00003"),
        malformed="1706.03762v7",
        answer=s2_answer,
        count="citationCount",
        otherwise={
            # The n-th record is documented to answer the n-th id: nothing else can be believed.
            "another order": "failed:order",
            "the same record twice": "failed:shape",
            "a record that nobody asked for": "failed:shape",
        },
    ),
    Kit(
        name="arxiv",
        scheme=ARXIV,
        known=("1706.03762", "hep-th/9901001", "2001.00001"),
        unknown=("2101.00001", "2101.00002", "2101.00003"),
        malformed="arXiv:1706.03762",
        answer=arxiv_answer,
        dialect=AtomDialect(),
        # It has no accounts: a 401 does not mean this machine.
        otherwise={"status 401": "failed:http_401"},
    ),
    Kit(
        name="openreview",
        scheme=OPENREVIEW,
        known=OR_KNOWN,
        unknown=("cccccccccc", "dddddddddd", "eeeeeeeeee"),
        malformed="not an id",
        answer=or_answer,
        private=True,  # papers under review are
        # Only a login opens these doors, and the one that was given does not.
        otherwise={"status 401": "blocked", "status 403": "blocked"},
    ),
)
