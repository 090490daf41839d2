"""How DBLP's endpoint answers when all is well, written from its documentation. Made-up papers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from source_kits import Kit
from source_world import Reply, Request, json_reply

from citewatch.domain.identifiers import DBLP

RECORDS = "https://dblp.org/rec/"
KNOWN = ("conf/nips/LovelaceB17", "journals/jmlr/Lovelace20", "conf/icml/ByronL21")
_IRI = re.compile(r"<([^<>\s]+)>")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
Row = dict[str, dict[str, str]]


def rows(
    key: str,
    title: str | None = None,
    *,
    venue: str = "NeurIPS",
    year: str = "2017",
    dois: Sequence[str] = (),
    authors: Sequence[str] = ("Ada Lovelace 0001", "George G. Byron"),
) -> list[Row]:
    """The rows of one record: one for each author and DOI."""
    head = {
        "publ": {"type": "uri", "value": RECORDS + key},
        "title": {"type": "literal", "value": title or f"Paper {key}."},
        "year": {
            "type": "literal", "value": year, "datatype": "http://www.w3.org/2001/XMLSchema#gYear",
        },
        "venue": {"type": "literal", "value": venue},
    }  # fmt: skip
    signed = [
        {
            "author": {"type": "literal", "value": name},
            "place": {
                "type": "literal",
                "value": str(at),
                "datatype": "http://www.w3.org/2001/XMLSchema#integer",
            },
        }
        for at, name in enumerate(authors, 1)
    ]
    linked = [{"doi": {"type": "uri", "value": f"https://doi.org/{doi}"}} for doi in dois]
    # Rows come in no order.
    return [{**head, **sign, **doi} for doi in linked or [{}] for sign in reversed(signed or [{}])]


def table(bindings: Iterable[object]) -> dict[str, object]:
    """The answer to a SELECT."""
    names = ["publ", "title", "year", "venue", "doi", "author", "place"]
    return {"head": {"vars": names}, "results": {"bindings": list(bindings)}}


def asked(query: str) -> tuple[set[str], set[str]]:
    """(IRIs, literals) that a query names, but for the prefix."""
    _, _, where = query.partition("WHERE")
    literals = {re.sub(r"\\(.)", r"\1", text) for text in _TEXT.findall(where)}
    return set(_IRI.findall(where)), literals


def answer(request: Request) -> Reply:
    iris, literals = asked(request.query["query"])
    found = [k for k in KNOWN if RECORDS + k in iris or f"Paper {k}." in literals]
    return json_reply(table(row for key in found for row in rows(key)))


KIT = Kit(
    name="dblp",
    scheme=DBLP,
    known=KNOWN,
    unknown=("conf/nips/Nobody17", "journals/jmlr/Nobody18", "conf/icml/Nobody19"),
    malformed="homepages/l/AdaLovelace",
    answer=answer,
)
