"""How OpenReview's venue ids and venues' words say what was decided. Pure.

``<V>/Submission`` under review, ``<V>`` accepted, ``<V>/Rejected_Submission``,
``<V>/Withdrawn_Submission``, ``<V>/Desk_Rejected_Submission``; TMLR has states of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from citewatch.domain.papers import Decision

_STATES = {
    "submission": Decision.UNDER_REVIEW,
    "submitted": Decision.UNDER_REVIEW,
    "under_review": Decision.UNDER_REVIEW,
    "assigning_ae": Decision.UNDER_REVIEW,
    "assigned_ae": Decision.UNDER_REVIEW,
    "decision_pending": Decision.UNDER_REVIEW,
    "rejected_submission": Decision.REJECTED,
    "rejected": Decision.REJECTED,
    "desk_rejected_submission": Decision.REJECTED,
    "desk_rejected": Decision.REJECTED,
    "withdrawn_submission": Decision.WITHDRAWN,
    "withdrawn": Decision.WITHDRAWN,
    "retracted_acceptance": Decision.WITHDRAWN,
}

# Mirrors of other lists, and what an author claims alone (Public_Article, Archive).
_NO_VENUE = re.compile(r"(?:dblp\.org|openreview\.net)(?:/|$)", re.IGNORECASE)
# A venue of its own: host and year in the path, as in ICLR.cc/2024/Conference.
_VENUE = re.compile(r"[\w.-]+/(?:[\w.-]+/)*(?:19|20)\d\d/[\w./-]+")

_NOT_ACCEPTED = re.compile(r"\b(?:reject|declin|not\s+accept|unaccept)", re.IGNORECASE)
_ACCEPTED = re.compile(r"\baccept", re.IGNORECASE)
_PRESENTED = re.compile(
    r"\b(?:poster|oral|spotlight|notable|talk|highlight)s?\b|\baccept", re.IGNORECASE
)
_SUBMITTED = re.compile(r"\bsubmi(?:tted|ssion)\b|\bunder\s+review\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stand:
    """A decision and the words it was given in; None where nothing was said."""

    decision: Decision | None
    text: str | None


def by_venueid(venueids: Sequence[str], homes: Collection[str]) -> Decision | None:
    """What the venue id says; ``homes`` are the groups that the paper was submitted to."""
    for venueid in venueids:
        if _NO_VENUE.match(venueid):
            continue
        state = _STATES.get(venueid.rpartition("/")[2].lower())
        if state is not None:
            return state
        if venueid in homes or _VENUE.fullmatch(venueid):
            return Decision.ACCEPTED
    return None


def self_claimed(venueids: Sequence[str], homes: Collection[str]) -> bool:
    """Whether the venue line is a mirror's or the author's own word: not an acceptance."""
    groups = venueids or tuple(homes)
    return bool(groups) and all(_NO_VENUE.match(group) for group in groups)


def by_decision(words: str | None) -> Decision | None:
    """What a decision reply says: "Accept (poster)", "Reject"; "Invite to workshop" is neither."""
    if not words:
        return None
    if _NOT_ACCEPTED.search(words):
        return Decision.REJECTED
    return Decision.ACCEPTED if _ACCEPTED.search(words) else None


def by_venue(venue: str | None) -> Decision | None:
    """What the venue line says: "ICLR 2024 poster", "Submitted to ICLR 2025"."""
    if not venue:
        return None
    if re.search(r"\bwithdrawn\b", venue, re.IGNORECASE):
        return Decision.WITHDRAWN
    if _NOT_ACCEPTED.search(venue):
        return Decision.REJECTED
    if _SUBMITTED.search(venue):
        return Decision.UNDER_REVIEW
    return Decision.ACCEPTED if _PRESENTED.search(venue) else None
