"""What changed between two statements of one source about one paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, replace

from citewatch.domain.identifiers import is_preprint_doi
from citewatch.domain.keys import squash
from citewatch.domain.papers import Change, Decision, Facts, Instant, Kind

_ACCEPTED = re.compile(
    r"(?P<no>\b(?:not|never|be|yet)\s+)?\b(?:accepted|to appear|camera[- ]ready)\b"
    r"[^.;:]{0,20}?\b(?:at|by|to|in|for)\b",
    re.IGNORECASE,
)
_WITHDRAWAL = re.compile(r"\bwithdr[ae]w", re.IGNORECASE)
_PREPRINT_VENUE = re.compile(
    r"(?:(?:arxiv|biorxiv|medrxiv|chemrxiv|psyarxiv|techrxiv|ssrn|researchsquare|zenodo).*"
    r"|corr(?:abs.*)?|hal(?:lecentre.*)?|preprints?(?:org)?)"
)
"""Squashed names: OpenAlex says "arXiv (Cornell University)", "SSRN Electronic Journal"."""


def merge_facts(old: Facts | None, new: Facts) -> Facts:
    """The new statement, what it leaves unsaid as it was; ``old`` itself if nothing is new."""
    if old is None:
        return new
    if old == new:
        return old
    kept = {
        f.name: getattr(old, f.name)
        for f in fields(Facts)
        if getattr(new, f.name) in (None, ()) and getattr(old, f.name) not in (None, ())
    }
    merged = replace(new, **kept) if kept else new
    return old if merged == old else merged


def speaks_of_withdrawal(facts: Facts) -> bool:
    """Whether the comment hints at a withdrawal; only the abs page is sure of one."""
    return bool(facts.comment and _WITHDRAWAL.search(facts.comment))


def is_published_venue(venue: str | None) -> bool:
    """Whether a venue is more than the name of a preprint server."""
    return bool(venue) and not _PREPRINT_VENUE.fullmatch(squash(venue or ""))


def compare(
    old: Facts, new: Facts, *, paper: int, source: str, label: str, at: Instant
) -> tuple[Change, ...]:
    """The lines that the log gets when ``old`` (merged) becomes ``new`` (merged).

    ``label`` is the source's name for people: every line says who says so.
    """

    def line(
        kind: Kind, text: str, was: int | str | None = None, now: int | str | None = None
    ) -> Change:
        return Change(
            kind=kind, at=at, first_seen_at=at, source=source, paper=paper, text=f"{label}: {text}",
            old=was, new=now,
        )  # fmt: skip

    return tuple(
        line(kind, text, was, now)
        for part in (_versions, _publication, _decisions, _notices, _titles)
        for kind, text, was, now in part(old, new)
    )


_Line = tuple[Kind, str, int | str | None, int | str | None]


def _versions(old: Facts, new: Facts) -> Iterator[_Line]:
    if new.version is not None and old.version is not None and new.version > old.version:
        text = f"new version v{new.version} (was v{old.version})"
        yield Kind.VERSION, text, old.version, new.version


def _publication(old: Facts, new: Facts) -> Iterator[_Line]:
    before = _published_doi(old) or old.journal_ref
    if before or (is_published_venue(old.venue) and old.venue):
        return
    if new.journal_ref or _published_doi(new):
        where = new.journal_ref or f"doi:{new.doi}"
    elif is_published_venue(new.venue):
        where = new.venue or ""
    else:
        return
    yield Kind.PUBLISHED, f"published: {where}", None, where


def _published_doi(facts: Facts) -> str | None:
    return facts.doi if facts.doi and not is_preprint_doi(facts.doi) else None


def _decisions(old: Facts, new: Facts) -> Iterator[_Line]:
    words = new.decision_text or (new.decision.replace("_", " ") if new.decision else "")
    if new.decision != old.decision:
        kinds = {
            Decision.ACCEPTED: Kind.ACCEPTED,
            Decision.REJECTED: Kind.REJECTED,
            Decision.WITHDRAWN: Kind.WITHDRAWN,
        }
        if new.decision is Decision.WITHDRAWN and "withdr" not in words.lower():
            words = f"withdrawn ({words})" if words else "withdrawn"
        if new.decision in kinds:
            yield kinds[new.decision], f"decision: {words}", old.decision, new.decision
    if new.withdrawn and not old.withdrawn and new.decision is not Decision.WITHDRAWN:
        yield Kind.WITHDRAWN, "withdrawn by its authors", None, None
    if _says_accepted(new) and not _says_accepted(old):
        yield Kind.ACCEPTED, f"comment says: {new.comment}", old.comment, new.comment


def _says_accepted(facts: Facts) -> bool:
    found = _ACCEPTED.search(facts.comment or "")
    return found is not None and not found["no"]


def _notices(old: Facts, new: Facts) -> Iterator[_Line]:
    fresh = [notice for notice in new.notices if notice not in old.notices]
    if new.retracted and not old.retracted:
        why = next((notice for notice in fresh if notice.startswith("retract")), "")
        yield Kind.RETRACTED, f"retracted ({why})" if why else "retracted", None, why or None
        fresh = [notice for notice in fresh if notice != why]
    for notice in fresh:
        yield Kind.CORRECTED, f"notice: {notice}", None, notice


def _titles(old: Facts, new: Facts) -> Iterator[_Line]:
    if old.title and new.title and squash(old.title) != squash(new.title):
        yield Kind.RETITLED, f"new title: {new.title}", old.title, new.title
