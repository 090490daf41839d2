"""Questions to DBLP's graph in SPARQL. Pure; what is put in is escaped or refused.

https://sparql.dblp.org, the schema: https://dblp.org/rdf/docu/. The words used are those of
public queries. These queries were run against another engine with records of that schema,
not against the service itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from citewatch.domain.identifiers import ARXIV, DBLP, DOI, Identifier
from citewatch.sources.text import tidy

RECORDS = "https://dblp.org/rec/"
ROWS_LIMIT = 5_000
"""Of a look-up by titles: "Editorial" is the title of thousands."""

_DOIS = "https://doi.org/"
_TITLE_LENGTH = 500
# What may stand in an IRI of SPARQL as it is (grammar, IRIREF), "%", "#" and "?" excepted,
# which would end the path.
_IN_IRI = "/:;@!$&'()*+,=~[]"
_SPELLINGS = (
    ("10.48550/arxiv.", "10.48550/arXiv."),
    ("10.4230/lipics.", "10.4230/LIPIcs."),
    ("10.21437/interspeech.", "10.21437/Interspeech."),
)
"""How publishers spell the beginnings of DOIs that are neither all small nor all capitals."""
_ACL = "10.18653/v1/"

_QUERY = """PREFIX dblp: <https://dblp.org/rdf/schema#>
SELECT DISTINCT ?publ ?title ?year ?venue ?doi ?author ?place WHERE {{
  VALUES ?{name} {{ {values} }}
  {link}?publ dblp:title ?title .
  OPTIONAL {{ ?publ dblp:yearOfPublication ?year . }}
  OPTIONAL {{ ?publ dblp:publishedIn ?venue . }}
  OPTIONAL {{ ?publ dblp:doi ?doi . }}
  OPTIONAL {{
    ?publ dblp:hasSignature ?sign .
    ?sign dblp:signatureDblpName ?author .
    ?sign dblp:signatureOrdinal ?place .
  }}
}}{limit}"""


def nodes(identifier: Identifier) -> str | None:
    """The IRIs by which an identifier may stand in the graph; None for what must not be sent.

    IRIs are compared letter by letter, DOIs are not: DBLP keeps the publisher's spelling,
    and which one that is cannot be seen from the identifier. The likely ones are all sent.
    (That arXiv's DOIs stand there as "10.48550/arXiv.…" is what DBLP's BibTeX shows under
    ``url``; under ``doi`` it has capitals. Records of older preprints have no DOI at all.)
    """
    match identifier.scheme:
        case "doi":
            return " ".join(f"<{_DOIS}{_quoted(doi)}>" for doi in _spellings(identifier.value))
        case "arxiv":
            doi = f"10.48550/arxiv.{identifier.value}"
            return " ".join(f"<{_DOIS}{_quoted(doi)}>" for doi in _spellings(doi))
        case "dblp":
            return f"<{RECORDS}{_quoted(identifier.value)}>"
    return None


def group_of(identifier: Identifier) -> str:
    """What the nodes are: names of records, or DOIs."""
    return {DBLP: "publ", DOI: "asked", ARXIV: "asked"}.get(identifier.scheme, "asked")


def by_nodes(name: str, written: Sequence[str]) -> str:
    """The query for records by their own names (``publ``) or by DOI (``asked``)."""
    link = "" if name == "publ" else f"?publ dblp:doi ?{name} .\n  "
    return _QUERY.format(name=name, values=" ".join(written), link=link, limit="")


def by_titles(written: Sequence[str]) -> str:
    """The query for records by their exact titles."""
    return _QUERY.format(
        name="title", values=" ".join(written), link="", limit=f" LIMIT {ROWS_LIMIT}"
    )


def title_literals(title: str) -> tuple[str, ...]:
    """The literals that a title may be in the graph: with the full stop and without.

    Empty for a title that cannot be asked for. One with a backslash is none of DBLP's,
    which writes no LaTeX, and a backslash is what SPARQL escapes with.
    """
    plain = tidy(title).rstrip(".").rstrip()
    if not plain or "\\" in plain or len(plain) > _TITLE_LENGTH:
        return ()
    return (_literal(f"{plain}."), _literal(plain))


def usual_literal(title: str) -> str | None:
    """The one literal that a title of DBLP's, taken from it without its full stop, was."""
    found = title_literals(title)
    return (found[1] if title[-1:] in ("?", "!") else found[0]) if found else None


def _literal(text: str) -> str:
    # No backslash and no control character comes this far.
    return '"' + text.replace('"', '\\"') + '"'


def _quoted(text: str) -> str:
    """Percent-encoded where SPARQL or a URL says so: nothing ends the IRI but its bracket."""
    return quote(text, safe=_IN_IRI)


def _spellings(doi: str) -> tuple[str, ...]:
    """As it is kept, as its publisher is known to write it, and in capitals."""
    found = [doi]
    for small, usual in _SPELLINGS:
        if doi.startswith(small):
            rest = doi[len(small) :]
            found += [usual + rest, usual + rest.upper()]
    if doi.startswith(_ACL):
        found.append(_ACL + doi[len(_ACL) :].upper())
    return tuple(dict.fromkeys([*found, doi.upper()]))
