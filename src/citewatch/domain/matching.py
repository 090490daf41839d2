"""How alike two references are, and whether that is certain enough to count citations on.

A wrong match is worse than none: it publishes a stranger's count. So only evidence
that leaves no other reading is accepted, and everything else is offered to the user
with a score. OpenAlex's own CV parser links titles at a word-F1 of 0.35; that is a
search, not an identification.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from citewatch.domain.keys import squash, surname, surnames
from citewatch.domain.papers import Facts, Observed, Reference

_MIN_TITLE = 12
"""Shorter squashed titles ("Introduction") name too many papers."""
_YEARS_APART = 2
"""A preprint is at most about two years older than the published version."""
_CANDIDATE_TITLE, _CANDIDATE = 80.0, 70.0
"""Titles less alike, or scores below, are not worth showing."""


class Match(StrEnum):
    """What the evidence amounts to."""

    CERTAIN = "certain"
    POSSIBLE = "possible"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A match with its score (0–100) and the evidence in words."""

    match: Match
    score: float
    evidence: str


def judge_match(reference: Reference, facts: Facts) -> Judgement:
    """Whether a record that a source offers is the paper that is looked for."""
    title = facts.title or ""
    wanted, offered = squash(reference.title), squash(title)
    alike = fuzz.ratio(wanted, offered) if wanted and offered else 0.0
    same_title = bool(wanted) and wanted == offered
    shared = _author_share(reference.authors, facts.authors)
    apart = _years_apart(reference.year, facts.year)
    evidence = _evidence(same_title, alike, shared, apart)
    score = _score(alike, shared, apart)
    if shared == 0.0:
        # A namesake title by other people is another paper, however alike.
        return Judgement(match=Match.NO, score=min(score, 50.0), evidence=evidence)
    if same_title and len(wanted) >= _MIN_TITLE and _agrees(shared, apart):
        return Judgement(match=Match.CERTAIN, score=score, evidence=evidence)
    close = alike >= _CANDIDATE_TITLE and score >= _CANDIDATE
    possible = same_title or (close and _numerals(reference.title) == _numerals(title))
    match = Match.POSSIBLE if possible else Match.NO
    return Judgement(match=match, score=score, evidence=evidence)


def _agrees(shared: float | None, apart: int | None) -> bool:
    """Whether authors and year support one and the same title."""
    if shared is None:
        # Title and year alone: only when the year is known and the same.
        return apart == 0
    if apart is not None and apart > _YEARS_APART:
        return False
    return shared >= 0.5


def choose(
    reference: Reference, candidates: Sequence[Observed]
) -> tuple[Observed | None, list[tuple[Observed, Judgement]]]:
    """The one record that certainly is the paper, and all others worth showing.

    Several certain records (a preprint and its journal version under one title) are
    not a coin toss: the nearest year wins, and where that does not decide, none does.
    """
    judged = [(c, judge_match(reference, c.facts)) for c in candidates]
    judged.sort(key=lambda pair: -pair[1].score)
    certain = [pair for pair in judged if pair[1].match is Match.CERTAIN]
    rest = [pair for pair in judged if pair[1].match is not Match.NO]
    if len(certain) > 1:
        nearest = [p for p in certain if _years_apart(reference.year, p[0].facts.year) in (0, None)]
        certain = nearest if len(nearest) == 1 else []
    if not certain:
        return None, rest
    chosen = certain[0][0]
    return chosen, [pair for pair in rest if pair[0] is not chosen]


def contradicts(reference: Reference, facts: Facts) -> bool:
    """Whether a record reached through a foreign identifier is plainly another paper.

    Titles change between versions, so an identifier outweighs a changed title as long
    as the authors agree; with both against it, the identifier is wrong.
    """
    if not facts.title or not reference.title:
        return False
    alike = fuzz.ratio(squash(reference.title), squash(facts.title))
    shared = _author_share(reference.authors, facts.authors)
    if shared is None:
        return alike < 50.0
    return alike < 80.0 and shared < 0.5


def _author_share(mine: Sequence[str], theirs: Sequence[str]) -> float | None:
    """Share of the shorter author list found in the longer; None when one is unknown."""
    ours, others = surnames(mine), surnames(theirs)
    if not ours or not others:
        return None
    share = len(ours & others) / min(len(ours), len(others))
    if share == 1.0 and min(len(ours), len(others)) == 1 < max(len(ours), len(others)):
        # One name against many proves little unless it is the first author.
        return 1.0 if surname(mine[0]) == surname(theirs[0]) else 0.5
    return share


def _years_apart(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else abs(one - other)


def _score(alike: float, shared: float | None, apart: int | None) -> float:
    authors = 70.0 if shared is None else 100.0 * shared
    years = 80.0 if apart is None else max(0.0, 100.0 - 25.0 * apart)
    return round(0.7 * alike + 0.2 * authors + 0.1 * years, 1)


def _numerals(title: str) -> list[str]:
    """Numbers and roman numerals, which tell a paper from its sequel."""
    return sorted(re.findall(r"\d+|\b[IVX]+\b", title.upper()))


def _evidence(same_title: bool, alike: float, shared: float | None, apart: int | None) -> str:  # noqa: FBT001
    parts = ["same title" if same_title else f"title {alike:.0f} % alike"]
    parts.append("authors unknown" if shared is None else f"{100 * shared:.0f} % of authors")
    if apart is None:
        parts.append("year unknown")
    else:
        parts.append("same year" if apart == 0 else f"{apart} year(s) apart")
    return ", ".join(parts)
