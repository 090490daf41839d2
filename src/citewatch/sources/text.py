"""Words from outside, made fit for one line of a log, a table or a database."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from json import dumps
from urllib.parse import quote

_URL_QUERY = re.compile(r"(https?://[^\s?#]{1,300})[?#]\S*", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,500}>")
DETAIL_LENGTH = 200
_TEXT_LENGTH = 4_000


def tidy(text: str) -> str:
    """One line: blanks collapsed, control characters and lone surrogates removed.

    A JSON string may carry ``\\ud800`` or ``\\u0000``, which neither SQLite nor a
    terminal takes; titles of more than 4,000 characters are cut.
    """
    if len(text) <= _TEXT_LENGTH and text.isprintable():
        # Nearly every title and name: nothing to remove, at most blanks to collapse.
        if "  " not in text and text[:1] != " " and text[-1:] != " ":
            return text
        return " ".join(text.split())
    # Three times the length leaves room for blanks that will collapse.
    head = text[: 3 * _TEXT_LENGTH]
    kept = "".join(c for c in head if c.isprintable() or c.isspace() or _joins(c))
    return " ".join(kept.split())[:_TEXT_LENGTH].strip()


def _joins(character: str) -> bool:
    """Zero-width (non-)joiners belong to the spelling of Persian and Indic names."""
    return character in "\u200c\u200d"


def tidy_or_none(value: object) -> str | None:
    """`tidy` of a string that says something; None for anything else."""
    if type(value) is not str:
        return None
    return tidy(value) or None


def detail(text: str, secrets: Iterable[str] = ()) -> str:
    """A cleaned line of at most 200 characters, without secrets, tags and query strings."""
    for secret in secrets:
        if len(secret) >= 4:
            text = text.replace(secret, "***")
    line = tidy(_TAG.sub(" ", text[:_TEXT_LENGTH]))
    line = _URL_QUERY.sub(r"\1", line)
    return line if len(line) <= DETAIL_LENGTH else line[: DETAIL_LENGTH - 1] + "…"


def spellings(secret: str) -> set[bytes]:
    """How a secret stands in a text, a page, a form and JSON."""
    safe = secret.encode("utf-8", "replace").decode("utf-8")
    written = (safe, escape(safe), quote(safe, safe=""), dumps(safe)[1:-1])
    return {form.encode("utf-8") for form in written}
