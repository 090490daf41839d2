"""What is read of real publication lists: entries, badges, links, and the way there and back.

    python benchmarks/intake.py [--data FOLDER] [--lists FOLDER --truth FILE]

Three tables. The CV of the seed against what was checked by hand. Each list of ``real/cvs``
against `tests/intake/cvs_truth.toml`, where entries and badges were counted by hand. And for each
of them the round trip: made-up counts are written into all badges, and the old ones again; then
the file has to be the first again, byte for byte. Other people's lists are read the same way
with ``--lists`` and a truth of their own.

An entry is false when the file has fewer than were read; which of them it is shows only to a
reader, so ``--show`` prints every title. A badge is read falsely when there are more than the
file has, or when their numbers do not add up to what was counted.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any

from citewatch.domain.badges import Badge, Style, rewritten, separator_of
from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Reference
from citewatch.domain.placement import PaperOnPage, link_for, place
from citewatch.errors import ListError
from citewatch.intake import read_list
from citewatch.intake.document import Document, open_document, parse_document
from citewatch.intake.formats import READERS, format_of
from citewatch.intake.rewrite import apply_edits
from citewatch.ports import Entry, PublicationList
from figures import Figure, parser, show, show_rows

ROOT = Path(__file__).resolve().parents[1]
TRUTH = ROOT / "tests" / "intake" / "cvs_truth.toml"
DATA = ROOT.parent / "shared" / "data"
MADE_UP = 7_919
"""A count that no badge of the lists has."""
RECALL, PRECISION = 97.0, 99.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One list as read, beside what stands in it."""

    name: str
    entries: int
    badges: int
    total: int
    """All counts added up."""
    there: int
    badges_there: int
    total_there: int
    back: str
    """How the round trip went: "same", "changed", or why there was none."""
    seconds: float

    @property
    def found(self) -> int:
        """Entries that are in the file, as far as numbers can tell."""
        return min(self.entries, self.there)

    @property
    def false(self) -> int:
        """Entries beyond those that the file has."""
        return max(0, self.entries - self.there)

    @property
    def badges_false(self) -> int:
        """Badges beyond those of the file; one where the numbers do not add up."""
        wrong = self.badges == self.badges_there and self.total != self.total_there
        return max(0, self.badges - self.badges_there) + wrong


def read_one(path: Path, truth: Mapping[str, Any]) -> tuple[Read, PublicationList | None]:
    """Read one list and compare it with its truth."""
    begun = process_time()
    try:
        found: PublicationList | None = read_list(path)
    except ListError:
        found = None
    seconds = process_time() - begun
    entries = found.entries if found else ()
    claims = list(claims_of(entries))
    read = Read(
        name=path.name,
        entries=len(entries) + sum(len(repeats(entry)) for entry in entries),
        badges=len(claims),
        total=sum(claims),
        there=truth["entries"],
        badges_there=truth["badges"],
        total_there=truth.get("sum", 0),
        back=round_trip(path, badges_of(entries)),
        seconds=seconds,
    )
    return read, found


def repeats(entry: Entry) -> list[str]:
    """The places at which an entry is listed again."""
    return [doubt for doubt in entry.doubts if doubt.startswith("listed again")]


def claims_of(entries: Sequence[Entry]) -> list[int]:
    """All counts that entries claim; a paper that is listed twice claims two."""
    own = [entry.paper.claim for entry in entries if entry.paper.claim is not None]
    return own + [badge.claim for entry in entries for _, badge in entry.also]


def badges_of(entries: Sequence[Entry]) -> list[Badge]:
    """All badges with a place in the file."""
    own = [entry.place for entry in entries if entry.place is not None]
    return own + [badge for entry in entries for _, badge in entry.also]


def round_trip(path: Path, badges: Sequence[Badge]) -> str:
    """Write made-up counts into all badges, read that, write the old ones: is it the same?"""
    if not badges:
        return "no badge" if path.suffix != ".pdf" else "not written"
    document = open_document(path)
    old = in_order(badges)
    separator = separator_of(old)
    middle = parse_document(with_counts(document, old, [MADE_UP] * len(old), separator), path=path)
    if middle.text == document.text:
        return "unchanged"
    again = in_order(badges_of(READERS[format_of(middle)](middle).entries))
    if len(again) != len(old):
        return f"{len(again)} of {len(old)}"
    counts = [badge.claim for badge in old]
    same = with_counts(middle, again, counts, separator) == path.read_bytes()
    return "same" if same else "changed"


def in_order(badges: Sequence[Badge]) -> list[Badge]:
    """Badges as they stand in the file."""
    return sorted(badges, key=lambda badge: badge.start)


def with_counts(
    document: Document, badges: Sequence[Badge], counts: Sequence[int], separator: str
) -> bytes:
    """The file with new counts in its badges; one in words stays."""
    edits = []
    for badge, count in zip(badges, counts, strict=True):
        new = rewritten(badge, count, floor=lambda n: n, separator=separator)
        if new is not None and badge.style is not Style.WORDS:
            edits.append((badge.start, badge.end, new))
    return apply_edits(document, edits)


def seed(folder: Path) -> list[Figure]:
    """The CV of the seed against what was checked by hand."""
    rows = json.loads((folder / "huan-zhang.expected.json").read_text("utf-8"))
    found = read_list(folder / "huan-zhang.txt")
    by_number = {row["number"]: row for row in rows}
    squeeze = str.maketrans("", "", " ")
    same = [
        entry.number in by_number
        and entry.paper.title.translate(squeeze)
        == by_number[entry.number]["title"].translate(squeeze)
        for entry in found.entries
    ]
    claims = {entry.number: entry.paper.claim for entry in found.entries if entry.paper.claim}
    wanted = {row["number"]: row["claim"] for row in rows if row["claim"] is not None}
    links = placed_links(found, rows)
    right = {row["number"]: {row["link"]} for row in rows if row["link"]}
    good = sum(links.get(number) == urls for number, urls in right.items())
    return [
        Figure(what=f"entries of {len(rows)}", value=sum(same), least=len(rows)),
        Figure(what="false entries", value=len(same) - sum(same), most=0),
        Figure(
            what=f"claims of {len(wanted)}",
            value=sum(claims.get(number) == claim for number, claim in wanted.items()),
            least=len(wanted),
        ),
        Figure(what="false claims", value=len(claims.keys() - wanted.keys()), most=0),
        Figure(what=f"links of {len(right)}", value=good, least=len(right)),
    ]


def placed_links(found: PublicationList, rows: Sequence[Mapping[str, Any]]) -> dict[int, set[str]]:
    """Each entry's links, those at the foot of its page placed by the titles behind them."""
    known = {
        Identifier("arxiv", row["arxiv"]): Reference(
            title=row["title"], authors=tuple(row["authors"]), year=row["year"]
        )
        for row in rows
        if row["arxiv"]
    }
    links = {entry.number: set(entry.links) for entry in found.entries}
    for positions, urls in found.pages:
        entries = [found.entries[at] for at in positions]
        papers = [
            PaperOnPage(e.paper.title, e.paper.authors, e.paper.year, e.paper.venue)
            for e in entries
        ]
        for at, paper in place(papers, [link_for(url, known) for url in urls]).placed.items():
            links[entries[paper].number].add(urls[at])
    return links


def show_lists(reads: Sequence[Read]) -> list[Figure]:
    """Print the table of all lists; the figures over all of them."""
    head = ("list", "entries", "there", "false", "badges", "there", "false", "and back", "ms")
    rows = [
        (
            read.name,
            str(read.found),
            str(read.there),
            str(read.false),
            str(min(read.badges, read.badges_there)),
            str(read.badges_there),
            str(read.badges_false),
            read.back,
            f"{read.seconds * 1000:.0f}",
        )
        for read in reads
    ]
    show_rows("Lists of real people", [head, *rows], to_the_right=(1, 2, 3, 4, 5, 6, 8))
    there, found = sum(r.there for r in reads), sum(r.found for r in reads)
    false = sum(r.false for r in reads)
    badges = sum(r.badges_there for r in reads)
    back = [r for r in reads if r.back in ("same", "changed", "unchanged")]
    return [
        Figure(what="recall of entries", value=100 * found / max(1, there), unit="%", least=RECALL),
        Figure(
            what="precision of entries",
            value=100 * found / max(1, found + false),
            unit="%",
            least=PRECISION,
        ),
        Figure(
            what="recall of badges",
            value=100 * sum(min(r.badges, r.badges_there) for r in reads) / max(1, badges),
            unit="%",
        ),
        Figure(what="badges falsely found", value=sum(r.badges_false for r in reads), most=0),
        Figure(
            what=f"files the same after the way there and back, of {len(back)}",
            value=sum(r.back == "same" for r in back),
            least=len(back),
        ),
    ]


def main() -> int:
    """Print all tables; 1 where a goal is missed."""
    options = parser(__doc__)
    options.add_argument("--data", type=Path, default=DATA, help="the folder with cv and real")
    options.add_argument("--lists", type=Path, help="other lists; --truth says what is in them")
    options.add_argument("--truth", type=Path, default=TRUTH)
    options.add_argument("--show", action="store_true", help="print every title that was read")
    chosen = options.parse_args()
    truth = tomllib.loads(chosen.truth.read_text("utf-8"))
    folder = chosen.lists or chosen.data / "real" / "cvs"
    figures: list[Figure] = []
    if chosen.lists is None:
        figures = seed(chosen.data / "cv")
        show("The CV of the seed", figures)
    pairs = [read_one(folder / name, facts) for name, facts in sorted(truth.items())]
    if chosen.show:
        for read, found in pairs:
            print(f"\n{read.name}")
            for entry in found.entries if found else ():
                print(f"  {entry.number}. {entry.paper.title} | {entry.badge}")
    over_all = show_lists([read for read, _ in pairs])
    show("Over all lists", over_all)
    return 0 if all(figure.met for figure in (*figures, *over_all)) else 1


if __name__ == "__main__":
    sys.exit(main())
