"""Lists with their badges in place, and what a check says of them."""

from __future__ import annotations

from dataclasses import replace

from citewatch.domain.badges import Badge, badges_in
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Paper
from citewatch.ports import Entry, PublicationList
from citewatch.services.check import Checked, CheckedBadge, CheckQuestion, check_list
from worlds import OPENALEX, S2, World, day


def listed(text: str, *papers: Paper) -> PublicationList:
    """One entry a line, for these papers; each line's badge has its exact place."""
    entries, start = [], 0
    for number, (line, paper) in enumerate(zip(text.split("\n"), papers, strict=True), 1):
        badge = next(iter(badges_in(line)), None)
        place = badge and replace(badge, start=start + badge.start, end=start + badge.end)
        entries.append(entry(number, paper, place))
        start += len(line) + 1
    return PublicationList(file="cv.txt", entries=tuple(entries))


def entry(number: int, paper: Paper, place: Badge | None) -> Entry:
    return Entry(
        number=number, line=number, paper=replace(paper, key="", claim=place and place.claim),
        badge=place.text if place else "", place=place, badge_line=number,
    )  # fmt: skip


def check(world: World, found: PublicationList, at: float, **more: object) -> Checked:
    question = CheckQuestion(
        found=found, watched=world.watched(), sources=(S2, OPENALEX),
        preferred=("semantic_scholar", "openalex"), ladder=Ladder(), confirm_after_s=3 * DAY,
        now=day(at),
    )  # fmt: skip
    return check_list(world.store, replace(question, **more))  # type: ignore[arg-type]


def one(checked: Checked) -> CheckedBadge:
    (row,) = checked.badges
    return row
