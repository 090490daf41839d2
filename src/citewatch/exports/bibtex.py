"""The list as BibTeX, each count in a note that reads back as the badge it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from citewatch.domain.credits import credit
from citewatch.domain.latex import latex
from citewatch.exports.stand import day, headline, preamble
from citewatch.services.reported import Report, ReportedPaper

_MEETING = re.compile(
    r"\b(?:proceedings|proc\.|conference|workshop|symposium|NeurIPS|NIPS|ICML|ICLR|CVPR|ICCV|ECCV|"
    r"ACL|EMNLP|NAACL|AAAI|IJCAI|KDD|WWW|SIGIR|AISTATS|UAI|COLT|CCS|USENIX|INTERSPEECH|ICASSP)\b",
    re.IGNORECASE,
)
_PREPRINT = re.compile(r"\b(?:arxiv|biorxiv|medrxiv|corr|preprint)\b", re.IGNORECASE)
_UNSAFE_KEY = re.compile(r"[^\w:.+/-]")


def as_bibtex(report: Report, authors: Mapping[str, Sequence[str]]) -> bytes:
    """One entry a paper; ``authors`` by the paper's key."""
    head = "".join(f"% {line}\n" for line in preamble(report))
    entries = [_entry(paper, authors.get(paper.key, ())) for paper in report.papers]
    return "\n".join([head, *entries]).encode()


def _entry(paper: ReportedPaper, authors: Sequence[str]) -> str:
    kind = _kind(paper)
    lines = [f"  {name} = {{{value}}},\n" for name, value in _fields(paper, authors, kind)]
    return f"@{kind}{{{_UNSAFE_KEY.sub('', paper.key)},\n{''.join(lines)}}}\n"


def _kind(paper: ReportedPaper) -> str:
    if not paper.venue or _PREPRINT.search(paper.venue):
        return "misc"
    return "inproceedings" if _MEETING.search(paper.venue) else "article"


def _fields(paper: ReportedPaper, authors: Sequence[str], kind: str) -> Iterator[tuple[str, str]]:
    ids = dict(paper.ids)
    yield "title", f"{{{latex(paper.title)}}}"
    if authors:
        yield "author", " and ".join(_name(author) for author in authors)
    if paper.year is not None:
        yield "year", str(paper.year)
    if paper.venue:
        place = {"article": "journal", "inproceedings": "booktitle"}.get(kind, "howpublished")
        yield place, latex(paper.venue)
    if "arxiv" in ids:
        yield "eprint", ids["arxiv"]
        yield "archiveprefix", "arXiv"
    if "doi" in ids:
        yield "doi", ids["doi"].replace("{", "%7B").replace("}", "%7D")
    if "openreview" in ids:
        yield "url", f"https://openreview.net/forum?id={ids['openreview']}"
    count = headline(paper)
    if count is not None and count.observed_at is not None:
        whose = latex(credit(count.source).label)
        yield "note", f"{count.citations} citations ({whose}, {day(count.observed_at)})"


def _name(author: str) -> str:
    """A name that BibTeX takes for one: " and " would part it."""
    name = latex(author)
    return f"{{{name}}}" if re.search(r"\band\b", name) else name
