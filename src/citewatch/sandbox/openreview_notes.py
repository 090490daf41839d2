"""OpenReview's notes in the shapes of its two APIs, with the irregularities of real ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from citewatch.sandbox.records import DAY_S, Ruling, Shape, Submission, number_of, sha_of

Note: TypeAlias = dict[str, object]

STATE_SUFFIX = {
    "submission": "/Submission",
    "accepted": "",
    "rejected": "/Rejected_Submission",
    "withdrawn": "/Withdrawn_Submission",
    "desk_rejected": "/Desk_Rejected_Submission",
}
VENUE_WORDS = {
    "submission": "Submitted to {label}",
    "accepted": "{label} Poster",
    "rejected": "Submitted to {label}",
    "withdrawn": "{label} Conference Withdrawn Submission",
    "desk_rejected": "{label} Conference Desk Rejected Submission",
}


def forum_notes(forum: Submission, now: float) -> list[Note]:
    """The paper's note and its replies as they stand at ``now``, paper first."""
    ruling = forum.ruling(now)
    notes = [_paper(forum, ruling)]
    notes += [_review(forum, at, rating) for at, rating in enumerate(forum.ratings)]
    if forum.ratings:
        notes.append(_deleted_review(forum))
    if ruling.words:
        content = {"title": "Paper Decision", "decision": ruling.words}
        notes.append(_reply(forum, "Decision", content, signer="Program_Chairs", at=ruling.at))
    if ruling.state == "withdrawn":
        content = {"withdrawal_confirmation": "The authors withdraw the submission."}
        notes.append(_reply(forum, "Withdrawal", content, signer="Authors", at=ruling.at))
    return notes


def _number(forum: Submission) -> int:
    return 1 + number_of(f"number/{forum.id}", 9_000)


def _created_ms(forum: Submission) -> int:
    return round(datetime(forum.year - 1, 10, 1, 12, tzinfo=UTC).timestamp() * 1000)


def _paper(forum: Submission, ruling: Ruling) -> Note:
    created = _created_ms(forum)
    changed = max(created, round(ruling.at * 1000))
    note: Note = {"id": forum.id, "forum": forum.id, "number": _number(forum)}
    if Shape.NO_DATES not in forum.quirks:
        note |= {"cdate": created, "tcdate": created, "mdate": changed, "tmdate": changed}
        note |= {"odate": created, "pdate": changed} if ruling.state == "accepted" else {}
    note |= {"signatures": [f"{forum.group}/Submission{_number(forum)}/Authors"]}
    note |= {"readers": ["everyone"], "nonreaders": [], "writers": [forum.group]}
    content = _content(forum, ruling)
    if forum.api == 1:
        invitation = f"{forum.group}/-/Blind_Submission"
        return note | {"invitation": invitation, "original": forum.id[::-1], "content": content}
    place = f"{forum.group}/Submission{_number(forum)}"
    invitations = [f"{forum.group}/-/Submission", f"{place}/-/Camera_Ready_Revision"]
    return note | {
        "version": 2,
        "domain": forum.group,
        "license": "CC BY 4.0",
        "invitations": [*invitations, f"{forum.group}/-/Edit"],
        "parentInvitations": f"{forum.group}/-/Submission",
        "content": {name: {"value": value} for name, value in content.items()},
    }


def _content(forum: Submission, ruling: Ruling) -> dict[str, object]:
    authors: list[object] = list(forum.authors)
    if Shape.AUTHOR_OBJECTS in forum.quirks:
        authors = [{"fullname": name, "username": _profile(name)} for name in forum.authors]
    content: dict[str, object] = {
        "title": forum.title,
        "authors": authors,
        "authorids": [_profile(name) for name in forum.authors],
        "abstract": "The text of the abstract is made up.",
        "pdf": f"/pdf/{sha_of(forum.id)}.pdf",
    }
    if Shape.NO_VENUE in forum.quirks:
        return content
    venue: object = VENUE_WORDS[ruling.state].format(label=forum.label)
    venue_id: object = forum.group + STATE_SUFFIX[ruling.state]
    if Shape.VENUE_LIST in forum.quirks:
        venue, venue_id = [venue], [venue_id]
    return content | {"venue": venue, "venueid": venue_id}


def _profile(name: str) -> str:
    return "~" + "_".join(name.split()) + "1"


def _reply(
    forum: Submission, kind: str, content: Mapping[str, object], *, signer: str, at: float
) -> Note:
    created = max(_created_ms(forum) + 40 * DAY_S * 1000, round(at * 1000))
    note: Note = {
        "id": sha_of(f"{forum.id}/{kind}/{signer}")[:10],
        "forum": forum.id,
        "replyto": forum.id,
        "number": 1,
    }
    if Shape.NO_DATES not in forum.quirks:
        note |= {"cdate": created, "tcdate": created, "mdate": created, "tmdate": created}
    if forum.api == 1:
        place = f"{forum.group}/Paper{_number(forum)}"
        note |= {"invitation": f"{place}/-/{kind}", "signatures": [f"{place}/{signer}"]}
        return note | {"readers": ["everyone"], "content": content}
    place = f"{forum.group}/Submission{_number(forum)}"
    invitations = [f"{place}/-/{kind}", f"{forum.group}/-/Edit"]
    if number_of(f"order/{forum.id}/{signer}", 2):
        invitations.reverse()
    return note | {
        "version": 2,
        "domain": forum.group,
        "invitations": invitations,
        "parentInvitations": f"{forum.group}/-/{kind}",
        "signatures": [f"{place}/{signer}"],
        "readers": ["everyone"],
        "content": {name: {"value": value} for name, value in content.items()},
    }


def _review(forum: Submission, at: int, rating: int | str) -> Note:
    content: dict[str, object] = {"summary": "Made up.", "confidence": 3 + at % 3}
    # The key of the score differs by venue and by the year's form.
    content["recommendation" if forum.year % 5 == 0 and forum.api == 1 else "rating"] = rating
    return _reply(forum, "Official_Review", content, signer=f"Reviewer_{at:03d}x", at=0.0)


def _deleted_review(forum: Submission) -> Note:
    """A review that was taken back: still delivered, marked by ``ddate``."""
    content: dict[str, object] = {"summary": "Posted to the wrong paper.", "rating": 1}
    note = _reply(forum, "Official_Review", content, signer="Reviewer_gone", at=0.0)
    return note | {"ddate": _created_ms(forum) + 41 * DAY_S * 1000}
