"""Text from strangers, made fit to be shown: on a terminal, in a message, in a feed."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from citewatch.domain.papers import Instant

# Terminal sequences (ECMA-48 CSI, OSC and two-byte escapes) are dropped whole, so that
# nothing of "\x1b[31m" stays behind as "[31m".
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]?"
)
# C0 and C1 controls, line and paragraph separators.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Marks that reorder the text around them, invisible fillers, and lone surrogates.
INVISIBLE = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
SURROGATES = re.compile(r"[\ud800-\udfff]")
_BLANKS = re.compile(r"\s+")


def clean(text: str) -> str:
    """One line of harmless text: no controls, escapes or reordering marks."""
    if text.isprintable() and "  " not in text:
        return text.strip()  # nothing in it that is looked for below; so is nearly all text
    text = _CONTROLS.sub(" ", _ESCAPES.sub("", text))
    text = SURROGATES.sub("\ufffd", INVISIBLE.sub("", text))
    return _BLANKS.sub(" ", text).strip()


def rfc3339(at: Instant) -> str:
    """``2026-11-22T00:00:00Z``."""
    return datetime.fromtimestamp(at, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def minute(at: Instant) -> str:
    """``2026-11-22 00:00``, for people; in UTC like everything else."""
    return datetime.fromtimestamp(at, tz=UTC).strftime("%Y-%m-%d %H:%M")
