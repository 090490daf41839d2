"""OpenReview's two APIs behind the wall of 2026: login, challenge, notes, search, quota.

What its documents leave open is chosen here: a wrong password is a 400, an expired token
is a 401 on API 2 and the guest's challenge on API 1, an unknown id is a 404 on API 2 and
an empty list on API 1. The quota is 98 requests in 30 minutes, as once seen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from citewatch.sandbox.http import Request, Response, json_response
from citewatch.sandbox.limits import Window
from citewatch.sandbox.openreview_notes import Note, forum_notes
from citewatch.sandbox.records import Submission, sha_of
from citewatch.sandbox.world import World

SANDBOX_USERNAME = "reader@example.org"
SANDBOX_PASSWORD = "correct horse"  # noqa: S105 - the stand-in's own, published on purpose
SANDBOX_MFA_USERNAME = "careful@example.org"
"""An account with the same password that asks for a second factor."""
SANDBOX_TOKEN = "sandbox-token-that-never-expires"  # noqa: S105 - as above
DEFAULT_TOKEN_S = 3_600
LONGEST_TOKEN_S = 604_800
QUOTA = 98
QUOTA_WINDOW_S = 1_800.0
LIST_LIMIT = 1_000
SEARCH_FROM = 0.2


def error_response(
    status: int, name: str, message: str, details: Mapping[str, object] | None = None
) -> Response:
    """OpenReview's generic error body."""
    body = {"name": name, "message": message, "status": status, "details": details or {}}
    return json_response(status, body | {"errors": [message]})


class OpenReview:
    """One host (``api`` 1 or 2) over one world."""

    def __init__(self, world: World, api: int, *, limits: bool) -> None:
        self._world = world
        self._api = api
        self._limits = limits
        self._quota = Window(limit=QUOTA, seconds=QUOTA_WINDOW_S)
        self._tokens: dict[str, float] = {SANDBOX_TOKEN: float("inf")}
        self._replies: dict[str, str] = {
            str(note["id"]): forum.id
            for forum in world.submissions.values()
            if forum.api == api
            for note in forum_notes(forum, float("inf"))
        }

    def answer(self, request: Request, now: float) -> Response:
        """The answer to one request at ``now``."""
        if (request.method, request.path) == ("POST", "/login"):
            return self._login(request, now)
        if (refused := self._refused(request, now)) is not None:
            return refused
        match (request.method, request.path):
            case ("GET", "/notes"):
                return self._notes(request.query, now)
            case ("GET", "/notes/search"):
                return self._search(request.query, now)
            case ("POST", "/notes/search"):
                return self._many(request.body, now)
        return error_response(404, "NotFoundError", f"The Path {request.path} was not found")

    def _login(self, request: Request, now: float) -> Response:
        try:
            asked = json.loads(request.body)
        except ValueError:
            asked = None
        if not isinstance(asked, dict) or asked.get("password") != SANDBOX_PASSWORD:
            return error_response(400, "Error", "Invalid username or password.")
        if asked.get("id") == SANDBOX_MFA_USERNAME:
            return json_response(200, _MFA)
        if asked.get("id") != SANDBOX_USERNAME:
            return error_response(400, "Error", "Invalid username or password.")
        lifetime = asked.get("expiresIn", DEFAULT_TOKEN_S)
        seconds = lifetime if isinstance(lifetime, int | float) else DEFAULT_TOKEN_S
        token = sha_of(f"token/{self._api}/{len(self._tokens)}/{now}")
        self._tokens[token] = now + min(max(seconds, 0), LONGEST_TOKEN_S)
        return json_response(200, {"token": token, "user": {"profile": {"id": "~Sam_Reader1"}}})

    def _refused(self, request: Request, now: float) -> Response | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        expires = self._tokens.get(token.strip()) if scheme.lower() == "bearer" else None
        if expires is not None and expires <= now and self._api == 2:
            return error_response(401, "TokenExpiredError", "Token has expired")
        if expires is None or expires <= now:
            message = "Challenge verification is required"
            return error_response(
                403, "ChallengeRequiredError", message, {"redirect": "/challenge"}
            )
        if self._limits and not self._quota.allow(now):
            return self._over(now)
        return None

    def _over(self, now: float) -> Response:
        quota = self._quota
        moment = datetime.fromtimestamp(quota.resets_at, UTC)
        reset = moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
        minutes, seconds = divmod(int(quota.resets_at - now), 60)
        message = (
            f"Too many requests: You have made {quota.used} requests, surpassing the limit of "
            f"{quota.limit} requests. Please try again in {minutes} minutes and {seconds} seconds"
        )
        details = {"limit": quota.limit, "remaining": 0, "resetTime": reset}
        details |= {"used": quota.used, "current": quota.used, "reqId": "made-up"}
        return error_response(429, "RateLimitError", message, details)

    def _forum(self, name: str) -> Submission | None:
        """The forum of a note's id on this host, also of a reply's."""
        forum = self._world.submissions.get(self._replies.get(name, ""))
        return forum if forum and forum.api == self._api else None

    def _notes(self, asked: Mapping[str, str], now: float) -> Response:
        if name := asked.get("id"):
            return self._one(name, asked, now)
        if name := asked.get("forum"):
            forum = self._forum(name)
            if forum is None or forum.private:
                return _listing([], asked)
            return _listing(_filtered(forum_notes(forum, now), asked), asked)
        papers = [
            forum_notes(forum, now)[0]
            for forum in self._world.forum_order
            if forum.api == self._api and not forum.private
        ]
        return _listing(_filtered(papers, asked), asked)

    def _one(self, name: str, asked: Mapping[str, str], now: float) -> Response:
        forum = self._forum(name)
        if forum is not None and forum.private:
            return error_response(403, "ForbiddenError", f"You don't have access to note {name}")
        notes = forum_notes(forum, now) if forum else []
        found = [note for note in notes if note["id"] == name]
        if not found and self._api == 2:
            return error_response(404, "NotFoundError", f"The Note {name} was not found")
        wanted = asked.get("details", "").split(",")
        details: dict[str, object] = {}
        if "replies" in wanted or "directReplies" in wanted:
            details[next(word for word in wanted if word.endswith("eplies"))] = notes[1:]
        if "replyCount" in wanted:
            details["replyCount"] = len(notes) - 1
        return _listing([note | {"details": details} if details else note for note in found], asked)

    def _search(self, asked: Mapping[str, str], now: float) -> Response:
        found = [
            self._world.forum_order[at]
            for score, at in self._world.forum_index.search(asked.get("term", ""))
            if score >= SEARCH_FROM
        ]
        papers = [
            forum_notes(forum, now)[0]
            for forum in found
            if forum.api == self._api and not forum.private
        ]
        return _listing(papers, asked)

    def _many(self, body: bytes, now: float) -> Response:
        try:
            asked = json.loads(body)
        except ValueError:
            asked = None
        ids = asked.get("ids") if isinstance(asked, dict) else None
        if not isinstance(ids, list):
            return error_response(400, "Error", "ids must be an array")
        found: list[Note] = []
        for name in dict.fromkeys(str(name) for name in ids):
            forum = self._forum(name)
            if forum and not forum.private:
                found += [note for note in forum_notes(forum, now) if note["id"] == name]
        return json_response(200, {"notes": found}, ids=len(ids))


def _filtered(notes: list[Note], asked: Mapping[str, str]) -> list[Note]:
    """The notes that satisfy every ``content.<field>`` and ``invitation`` asked for."""
    for name, value in asked.items():
        if name.startswith("content."):
            field = name.removeprefix("content.")
            notes = [note for note in notes if _plain(note, field) == value]
        elif name == "invitation":
            notes = [note for note in notes if value in _invitations(note)]
    return notes


def _plain(note: Note, field: str) -> object:
    content = note["content"]
    value = content.get(field) if isinstance(content, dict) else None
    return value["value"] if isinstance(value, dict) else value


def _invitations(note: Note) -> list[str]:
    many = note.get("invitations")
    return [str(name) for name in many] if isinstance(many, list) else [str(note["invitation"])]


def _listing(notes: list[Note], asked: Mapping[str, str]) -> Response:
    try:
        limit = min(int(asked.get("limit", LIST_LIMIT)), LIST_LIMIT)
        offset = int(asked.get("offset", 0))
    except ValueError:
        return error_response(400, "Error", "limit and offset must be integers")
    body: dict[str, object] = {"notes": notes[offset : offset + limit]}
    if asked.get("count") == "true":
        body["count"] = len(notes)
    return json_response(200, body, ids=1)


_MFA = {
    "mfaPending": True,
    "mfaPendingToken": sha_of("mfa"),
    "mfaMethods": ["totp", "emailOtp", "passkey"],
    "preferredMethod": "totp",
}
