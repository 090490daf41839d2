"""How NASA ADS answers when all is well, written from its documentation. Made-up papers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from source_kits import Kit
from source_world import Reply, Request, json_reply

from citewatch.domain.identifiers import ARXIV

KNOWN = {"1706.03762": 900, "astro-ph/0601001": 0, "2002.00002": 12}
_PHRASE = re.compile(r'"((?:[^"\\]|\\.)*)"')


def bibcode(number: str) -> str:
    """That of the preprint: ``2017arXiv170603762L``."""
    digits = re.sub(r"\D", "", number)
    return f"20{digits[:2]}arXiv{digits:.>9}L"


def doc(number: str, count: object = 7, **more: object) -> dict[str, object]:
    """One document with the fields that are asked for."""
    return {
        "bibcode": bibcode(number),
        "citation_count": count,
        "identifier": [
            bibcode(number), f"arXiv:{number}", f"10.48550/arXiv.{number}",
            f"10.5555/Journal.{number}",
        ],
        "doi": [f"10.48550/arXiv.{number}", f"10.5555/Journal.{number}"],
        "title": [f"Paper {number}"],
        "author": ["Lovelace, Ada", "The Analytical Collaboration"],
        "year": "2020",
        "pubdate": "2020-01-00",
        "pub": "Journal of Made-Up Results",
        "doctype": "article",
        **more,
    }  # fmt: skip


def listed(docs: Sequence[object], total: object = None) -> dict[str, object]:
    """The envelope of a search."""
    found = len(docs) if total is None else total
    header = {"status": 0, "QTime": 7, "params": {}}
    return {
        "responseHeader": header,
        "response": {"numFound": found, "start": 0, "docs": list(docs)},
    }


def asked(query: str) -> list[str]:
    """The phrases of a query, without their escapes."""
    return [re.sub(r"\\(.)", r"\1", phrase) for phrase in _PHRASE.findall(query)]


def plain(title: str) -> str:
    return re.sub(r"\W+", " ", title)


def answer(request: Request) -> Reply:
    if not request.headers.get("authorization", "").startswith("Bearer "):
        return json_reply({"error": "Unauthorized"}, 401)
    query = request.query["q"]
    if query.startswith("title:"):
        (words,) = asked(query)
        found = [n for n in KNOWN if plain(f"Paper {n}") == plain(words)]
    else:
        wanted = set(asked(query))
        names = {n: {f"arXiv:{n}", bibcode(n), f"10.5555/journal.{n}"} for n in KNOWN}
        found = sorted((n for n in KNOWN if wanted & names[n]), reverse=True)
    docs = [doc(number, KNOWN[number]) for number in found]
    return json_reply(listed(docs[: int(request.query["rows"])], len(docs)))


KIT = Kit(
    name="ads",
    scheme=ARXIV,
    known=tuple(KNOWN),
    unknown=("2101.00001", "2101.00002", "2101.00003"),
    malformed="1706.03762v7",
    answer=answer,
    count="citation_count",
    # Nobody is answered without a token, and the one that was given is refused.
    otherwise={"status 401": "blocked", "status 403": "blocked"},
)
