"""Getting in at OpenReview, host by host. Tokens are kept in memory only.

Since July 2026 guests are answered 403 ``ChallengeRequiredError``: without an account
nothing can be asked. The challenge is meant for browsers and is left alone.
"""

from __future__ import annotations

import asyncio
import re

from citewatch.domain.papers import Blocked, Failed
from citewatch.sources.answers import Answer, JsonValue, load_json, message, refused
from citewatch.sources.http import Call
from citewatch.sources.options import SourceOptions
from citewatch.sources.polite import PoliteClient, Refusal

NEEDS_LOGIN = "needs a login"
_NEEDS_TOKEN = "needs an interactive login; set OPENREVIEW_TOKEN"  # noqa: S105 - a sentence
_TOKEN = re.compile(r"[!-~]{1,8192}")
# The longest that the service grants is a week; a pass needs far less.
_EXPIRES_S = 3_600


class Login:
    """One token a host, renewed once when it is refused."""

    def __init__(self, options: SourceOptions, client: PoliteClient, *, gap_s: float) -> None:
        self._client = client
        self._gap_s = gap_s
        self._username = options.secret("username")
        # Blanks at the ends of a password are part of it.
        self._password = options.secrets.get("password", "")
        self._given = options.secret("token")
        self._tokens: dict[str, str] = {}
        self._renewed: set[str] = set()
        self._shut: dict[str, Blocked] = {}
        self._turn = asyncio.Lock()

    @property
    def possible(self) -> bool:
        """Whether there is anything to log in with."""
        return bool(self._given or (self._username and self._password))

    async def token(self, host: str) -> str | Blocked | Refusal:
        """The token for ``host``, logging in where that has not been done."""
        async with self._turn:
            if host in self._shut:
                return self._shut[host]
            if self._given:
                return self._given
            if host not in self._tokens:
                token = await self._log_in(host)
                if not isinstance(token, str):
                    if isinstance(token, Blocked):
                        self._shut[host] = token
                    return token
                self._client.hide(token)
                self._tokens[host] = token
            return self._tokens[host]

    async def refused(self, host: str, token: str) -> Blocked | None:
        """``token`` was not taken: None when it is worth asking again with another.

        An expired token is answered with the challenge, too, so that one renewal is
        tried; after that the host is left alone.
        """
        async with self._turn:
            if host in self._shut:
                return self._shut[host]
            if not self._given and self._tokens.get(host) != token:
                return None  # renewed by another question meanwhile
            if self._given or host in self._renewed:
                what = "token" if self._given else "login"
                self._shut[host] = Blocked(reason=f"{NEEDS_LOGIN}: the {what} was refused")
                return self._shut[host]
            self._renewed.add(host)
            del self._tokens[host]
            return None

    async def _log_in(self, host: str) -> str | Blocked | Refusal:
        words: JsonValue = {
            "id": self._username,
            "password": self._password,
            "expiresIn": _EXPIRES_S,
        }
        answer = await self._client.ask(
            Call(method="POST", url=f"{host}/login", json=words, gap_s=self._gap_s)
        )
        return read_login(answer) if isinstance(answer, Answer) else answer


def read_login(answer: Answer) -> str | Blocked | Failed:
    """The token in the answer to a login, or why there is none. Pure."""
    if answer.status in (400, 401, 403, 404):
        return Blocked(reason=f"login was refused: {message(answer) or answer.status}"[:200])
    if answer.status != 200:
        return refused(answer)
    value = load_json(answer)
    if isinstance(value, Failed):
        return value
    if type(value) is dict:
        if value.get("mfaPending"):
            return Blocked(reason=_NEEDS_TOKEN)
        token = value.get("token")
        # It goes into a header: anything else than plain characters would break out of it.
        if type(token) is str and _TOKEN.fullmatch(token):
            return token
    return Failed(reason="shape", detail="no token in the answer to the login")
