"""The number of a badge: read with its separators, and written again in the same way."""

from __future__ import annotations

import re
from dataclasses import dataclass

SEPARATORS = r"(?:[,.'’\u00a0\u2009\u202f\ue000]|\ue000{2,8})"
"""What sets off thousands, never an ordinary blank: "NeurIPS 2018 300+ citations" claims 300.

U+E000 stands for a separator of several characters, as LaTeX's ``{,}``; see `badge_forms`.
"""
NUMBER = (
    r"(?<![\w.,/#%\\–@+-])"
    rf"(?P<n>\d{{1,3}}(?:{SEPARATORS}\d{{3}}){{1,3}}(?![\d,.]\d)"
    r"|\d{1,6}(?:\.\d{1,2})?(?:\s?k|\s?m|\s(?:thousand|million))|\d{1,9}(?![.,]\d))(?=[x×](?!\w)|\W|$)"
)
_PLAIN = re.compile(
    r"(?<![\d.,])(?P<whole>\d{1,3}(?:(?P<by>[,.'’\u00a0\u2009\u202f]|%2C|\{,\}|\\,|&\w{2,8};|&#\d{2,5};)"
    r"\d{3})(?:(?P=by)\d{3}){0,2}(?!\d)|\d{1,9})(?P<part>\.\d{1,2})?"
    r"(?P<unit>\s?[km](?![^\W_])|\s(?:thousand|million)\b)?",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"%(?!2C)[0-9A-F]{2}|<[^<>]*>|https?://[^\s<>\"'{}]+", re.IGNORECASE)
"""Codes of characters, tags and addresses: their digits are no number that is claimed."""
_THOUSAND = 1_000
_UNITS = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "million": 1_000_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number as it is written: ``text[start:end]`` of the words that were read."""

    start: int
    end: int
    value: int
    separator: str = ""
    """Between thousands; "" where it has none, or is below a thousand."""
    unit: str = ""
    """"k", " thousand", as it is written."""


def bare(words: str) -> str:
    """Words with their tags, addresses and codes masked, character for character."""
    return _HIDDEN.sub(lambda one: "\ue001" * len(one[0]), words)


def number_in(words: str) -> Number | None:
    """The first number in the words of a badge; the code of a blank (%20) is none."""
    found = _PLAIN.search(bare(words))
    if found is None:
        return None
    unit, part = found["unit"] or "", found["part"] or ""
    end = found.end() if unit else found.end("whole")
    value = int(re.sub(r"&#\d+;|%2C|\D", "", found["whole"], flags=re.IGNORECASE))
    if unit:
        times = _UNITS[unit.strip().casefold()]
        hundredths = int((part[1:] or "0").ljust(2, "0"))
        value = value * times + hundredths * times // 100
    return Number(start=found.start(), end=end, value=value, separator=found["by"] or "", unit=unit)


def written(value: int, like: Number, *, separator: str = "") -> str:
    """A number in the way of another: with its separators, in its thousands.

    A number below a thousand says nothing of separators; ``separator`` does then.
    """
    if like.unit:
        times = _UNITS[like.unit.strip().casefold()]
        hundredths = value * 100 // times
        whole, part = divmod(hundredths, 100)
        digits = f".{part:02d}".rstrip("0").rstrip(".")
        return f"{whole}{digits}{like.unit}"
    by = like.separator if like.value >= _THOUSAND else separator
    return f"{value:,}".replace(",", by)
