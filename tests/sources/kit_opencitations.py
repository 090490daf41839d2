"""How OpenCitations answers when all is well, written from its documentation. Made-up papers.

Its answers have no titles, and there is no search.
"""

from __future__ import annotations

from urllib.parse import unquote

from source_kits import Kit
from source_world import Reply, Request, json_reply

KNOWN = {"10.5555/alpha.2017.1": "34", "10.5555/beta.2020.2": "1", "10.5555/gamma.2021.3": "12"}


def asked(request: Request) -> str:
    """``doi:…`` or ``pmid:…``."""
    return unquote(request.path.partition("/citation-count/")[2])


def answer(request: Request) -> Reply:
    """A string, and "0" for whatever is not in the index."""
    return json_reply([{"count": KNOWN.get(asked(request).removeprefix("doi:"), "0")}])


KIT = Kit(
    name="opencitations",
    scheme="doi",
    known=tuple(KNOWN),
    unknown=("10.5555/nobody.1", "10.5555/nobody.2", "10.5555/nobody.3"),
    malformed="https://doi.org/10.5555/alpha.2017.1",
    answer=answer,
    count="count",
    titles=False,
    searches=False,
    otherwise={
        # The same answer for a paper without citations and for one that is not in the index.
        "count: zero": "missing",
        # As documented.
        "count: digits in a text": "observed",
        # One question, one row: there is nothing to tell two of them apart by.
        "the same record twice": "failed:shape",
        "a record that nobody asked for": "failed:shape",
    },
)
