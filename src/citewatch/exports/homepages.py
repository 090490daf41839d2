"""Files that homepage templates read, in place of what scrapers of Google Scholar wrote.

al-folio reads ``_data/citations.yml``; acad-homepage and its relatives read ``gs_data.json``
and ``gs_data_shieldsio.json``. Both look a paper up by its Google Scholar identifier
(``USER:PAPER``). A paper whose list links its page there keeps that name; any other goes by its
key, which then stands in the template in place of the identifier.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qs, urlsplit

from citewatch.domain.credits import credit, record_page
from citewatch.domain.identifiers import URL, Identifier
from citewatch.domain.printable import clean
from citewatch.exports.stand import as_of, counted, day, speaking
from citewatch.services.reported import Report


def scholar_name(ids: Iterable[Identifier]) -> str | None:
    """The Google Scholar identifier among a paper's links."""
    for identifier in ids:
        if identifier.scheme != URL or "citation_for_view" not in identifier.value:
            continue
        address = urlsplit(identifier.value)
        found = parse_qs(address.query).get("citation_for_view", [""])[0]
        if (address.hostname or "").startswith("scholar.google.") and ":" in found:
            return found
    return None


def as_al_folio(report: Report, names: Mapping[str, str]) -> bytes:
    """``_data/citations.yml``; ``names`` are Google Scholar identifiers by key."""
    import yaml  # imported here: only this needs it

    papers = {}
    for paper, count, citations in counted(report.papers):
        said: dict[str, object] = {"title": clean(paper.title), "citations": citations}
        if paper.year is not None:
            said["year"] = str(paper.year)
        said["source"] = credit(count.source).label
        if page := record_page(count.source, dict(paper.ids)):
            said["url"] = page
        if count.observed_at is not None:
            said["as_of"] = day(count.observed_at)
        papers[names.get(paper.key, paper.key)] = said
    document = {
        "metadata": {"last_updated": as_of(report), "sources": _sources(report)},
        "papers": papers,
    }
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=True, width=1000)
    return str(text).encode()


def as_scholar_json(report: Report, names: Mapping[str, str], *, person: str) -> dict[str, bytes]:
    """``gs_data.json`` and ``gs_data_shieldsio.json``; ``person`` is whose list it is."""
    totals = report.totals
    publications = {}
    for paper, count, citations in counted(report.papers):
        name = names.get(paper.key, paper.key)
        bib: dict[str, object] = {"title": clean(paper.title)}
        if paper.year is not None:
            bib["pub_year"] = str(paper.year)
        if paper.venue:
            bib["citation"] = clean(paper.venue)
        publications[name] = {
            "author_pub_id": name,
            "bib": bib,
            "num_citations": citations,
            "citedby_url": record_page(count.source, dict(paper.ids)),
            "source": credit(count.source).label,
            "updated": "" if count.observed_at is None else day(count.observed_at),
        }
    data = {
        "name": person,
        "citedby": totals.citations,
        "hindex": totals.h_index,
        "i10index": totals.i10_index,
        "updated": as_of(report),
        "sources": _sources(report),
        "publications": publications,
    }
    known = {name: value for name, value in data.items() if value is not None}
    whose = " and ".join(credit(source).label for source in speaking(report))
    shield: dict[str, object] = {"schemaVersion": 1, "label": "citations"}
    if whose:
        shield["label"] = f"citations ({whose})"
    shield["message"] = "unknown" if totals.citations is None else str(totals.citations)
    return {"gs_data.json": _json(known), "gs_data_shieldsio.json": _json(shield)}


def _sources(report: Report) -> list[dict[str, str]]:
    named = (credit(source) for source in speaking(report))
    return [{"name": c.label, "url": c.url, "credit": c.sentence} for c in named]


def _json(document: Mapping[str, object]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
