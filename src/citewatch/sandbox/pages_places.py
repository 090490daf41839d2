"""Where on the web a paper's own page is, and what stands on it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from citewatch.sandbox.known import Known, inverted, known_papers
from citewatch.sandbox.records import number_of, sha_of
from citewatch.sandbox.titles import words
from citewatch.sandbox.world import World

PMLR = "proceedings.mlr.press"
NEURIPS = "proceedings.neurips.cc"
ACL = "aclanthology.org"
CVF = "openaccess.thecvf.com"
USENIX = "www.usenix.org"
JOURNAL = "journal.example.org"
VOLUMES = {2017: 70, 2018: 80, 2019: 97, 2020: 119, 2022: 162}
"""PMLR's volumes of ICML by year."""
MADE_UP_VOLUME = 999
"""The volume that holds every paper of a world without events."""
_PRINTED = re.compile(re.escape(PMLR) + r"/(v\d+)/(\w+)/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The facts on one page."""

    host: str
    path: str
    """From the first slash."""
    pdf_path: str
    title: str
    authors: tuple[str, ...]
    venue: str
    year: int
    month: int
    day: int
    first_page: int
    doi: str | None = None

    @property
    def url(self) -> str:
        """The page's own address in the real world."""
        return f"https://{self.host}{self.path}"

    @property
    def pdf_url(self) -> str:
        """The address of the PDF in the real world."""
        return f"https://{self.host}{self.pdf_path}"


def sheets(world: World) -> dict[str, Sheet]:
    """The page of each paper that has one, by the paper's key."""
    links = {f"p{paper.number}": " ".join(paper.links) for paper in world.listed}
    acl = {record.key.removesuffix("j"): record.acl for record in world.records if record.acl}
    letters: Counter[str] = Counter()
    found: dict[str, Sheet] = {}
    for paper in known_papers(world):
        places = _places(paper, links.get(paper.key, ""), acl.get(paper.key), world, letters)
        for host, path, pdf_path in places:
            found[paper.key] = _sheet(paper, host, path, pdf_path)
    return found


def _places(
    paper: Known, links: str, acl: str | None, world: World, letters: Counter[str]
) -> Iterator[tuple[str, str, str]]:
    """(host, path, path of the PDF), at most one."""
    venue = paper.venue or ""
    family = "".join(words(inverted(paper.authors[0]).partition(",")[0]))
    if not world.eventful:
        yield PMLR, *_pmlr(f"v{MADE_UP_VOLUME}", paper.key)
    elif acl is not None:
        yield ACL, f"/{acl}/", f"/{acl}.pdf"
    elif "International Conference on Machine Learning" in venue:
        if printed := _PRINTED.search(links):
            yield PMLR, *_pmlr(printed[1], printed[2])
        else:
            stem = f"{family}{paper.year % 100:02d}"
            letters[stem] += 1
            volume = VOLUMES.get(paper.year, 300 + paper.year % 100)
            yield PMLR, *_pmlr(f"v{volume}", stem + "_abcdefgh"[letters[stem]])
    elif "Neural Information Processing" in venue:
        name = sha_of(f"neurips/{paper.key}")[:32]
        stem = f"/paper/{paper.year}"
        yield NEURIPS, f"{stem}/hash/{name}-Abstract.html", f"{stem}/file/{name}-Paper.pdf"
    elif "Conference on Computer Vision" in venue:
        name = "_".join([family.capitalize(), *re.findall(r"[A-Za-z0-9-]+", paper.title)[:9]])
        series = "ECCV" if "European" in venue else "ICCV"
        stem = f"/content_{series}_{paper.year}"
        name = f"{name}_{series}_{paper.year}_paper"
        yield CVF, f"{stem}/html/{name}.html", f"{stem}/papers/{name}.pdf"
    elif "Overprovisioned" in venue:
        stem = f"/conference/mars{paper.year % 100:02d}"
        yield USENIX, f"{stem}/presentation/{family}", f"{stem}/{family}.pdf"
    elif paper.doi and ("AAAI" in venue or paper.doi.startswith("10.5555/")) and paper.venue:
        number = number_of(f"journal/{paper.key}", 90_000) + 10_000
        yield JOURNAL, f"/articles/{number}", f"/articles/{number}.pdf"


def _pmlr(volume: str, name: str) -> tuple[str, str]:
    return f"/{volume}/{name}.html", f"/{volume}/{name}/{name}.pdf"


def _sheet(paper: Known, host: str, path: str, pdf_path: str) -> Sheet:
    return Sheet(
        host=host,
        path=path,
        pdf_path=pdf_path,
        title=paper.title,
        authors=tuple(name.strip() for name in paper.authors),
        venue=paper.venue or "Conference on Made-Up Results",
        year=paper.year,
        month=1 + number_of(f"month/{paper.key}", 12),
        day=1 + number_of(f"day/{paper.key}", 28),
        first_page=1 + number_of(f"page/{paper.key}", 9_000),
        # Proceedings of machine learning give their papers no DOI.
        doi=paper.doi if host in (ACL, JOURNAL) else None,
    )
