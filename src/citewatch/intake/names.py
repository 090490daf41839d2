"""Author lists: told from other text, and taken apart into names."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

_MARKS = re.compile(r"[*†‡§¶∗⋆#^✉♯♭⁎¹²³⁰⁴-⁹]+|(?<=[^\W\d_])\d(?:,\d)*\b|\\\*")
_SPLIT = re.compile(r"\s*(?:,\s*(?:and|&|with|und|et)\s+|[,;]|(?<=\s)(?:and|&|und)(?=\s))\s*")
_SEMICOLON = re.compile(r"\s*;\s*(?:&\s*|and\s+)?")
_ET_AL = re.compile(
    r"[,;]?\s*\b(?:et\.?\s+al\b\.?|and\s+others\b\.?)|[,;]?\s*(?:…|\.\.\.)", re.IGNORECASE
)
_INITIALS = re.compile(r"(?:[^\W\d_]\.?[-\s]?){1,4}")
_PARTICLES = frozenset(
    {
        "van",
        "von",
        "der",
        "den",
        "de",
        "la",
        "le",
        "di",
        "da",
        "dos",
        "das",
        "del",
        "della",
        "al",
        "bin",
        "ibn",
        "el",
        "ter",
        "ten",
        "y",
        "zu",
        "zur",
        "du",
        "af",
        "av",
        "st",
        "do",
        "e",
        "ben",
        "'t",
        "dei",
    }
)
_NAME_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f'’ʼ`.\-‐‑])*")
SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv)\.?", re.IGNORECASE)
_NO_NAME = re.compile(
    r"conference|journal|proceedings|proc|workshop|international|transactions|university|advances|"
    r"letters|review|ieee|acm|press|symposium|annual|arxiv|preprint|nature|science|sciences|the|for|"
    r"with|via|from|findings|springer|elsevier|supplement|oral|spotlight|poster|dissertation|"
    r"submitted|accepted|volume|vol|pages|pp|doi|http|https|neurips|nips|icml|iclr|cvpr|"
    r"iccv|eccv|aaai|acl|emnlp|naacl|institute|department|laboratory|school|college|using|towards?|"
    r"learning|networks?|neural|models?|systems?|data|analysis|theory|methods?|optimization|approach"
)
_JOINED = re.compile(r"([A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+)([A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+)")
_NOT_JOINED = re.compile(
    r"(?:Mc|Mac|De|Di|Du|La|Le|Lo|Van|Von|Fitz|Des|Del|Della|Ab|Al|El|Ben|Ap|San|St|Te)"
)
_ASIDE = re.compile(r"\((?:incl|including|with|eds?|editors?)\b[^()]{0,60}\)", re.IGNORECASE)
_LONGEST = 8_000
"""Characters of an author list that are looked at: 300 authors fit."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of an author list in natural order ("First Last")."""

    names: tuple[str, ...]
    cut: bool = False
    """Whether the list ended in "et al."."""


def read_names(text: str, *, known: Collection[str] = ()) -> Names | None:
    """All of ``text`` as an author list; None when it is none.

    ``known`` are names seen elsewhere in the document: they settle lost blanks.
    """
    bare = _ASIDE.sub(" ", _MARKS.sub("", text[:_LONGEST]).replace("_", " "))
    bare = _ended(bare.strip(" ,;:"))
    shortened = _ET_AL.sub("", bare)
    cut = shortened != bare
    items = _items(_ended(shortened.strip(" ,;:&")))
    if len(items) == 2 and f"{items[1]} {items[0]}" in known:
        # A single "Last, First" whose other order is known to be a name.
        return Names((f"{items[1]} {items[0]}",), cut)
    names = [_tidy(item, known) for item in items]
    if not names or not all(map(is_name, names)):
        return None
    if any(len(n.split()) == 1 for n in names) and len(names) > 1:
        single = sum(len(n.split()) == 1 for n in names)
        if single * 3 > len(names):
            return None
    return Names(tuple(names), cut)


def _items(text: str) -> list[str]:
    text = re.sub(r"^(?:and|&)\s+", "", text)
    if ";" in text:
        return [_turned(item) for item in _SEMICOLON.split(text) if item.strip()]
    items = [item for item in _SPLIT.split(text) if item.strip()]
    items = with_suffixes(items)
    if _alternate(items):
        return [f"{first} {last}" for last, first in zip(items[::2], items[1::2], strict=True)]
    return [_initials_first(item) for item in items]


def with_suffixes(items: Sequence[str]) -> list[str]:
    """Names with the "Jr." that a comma set apart."""
    whole: list[str] = []
    for item in items:
        if whole and SUFFIX.fullmatch(item):
            whole[-1] = f"{whole[-1]} {item}"
        else:
            whole.append(item)
    return whole


def _alternate(items: Sequence[str]) -> bool:
    """Whether the list runs "Last, F., Last, F. M.": every second item is initials."""
    if len(items) < 2 or len(items) % 2:
        return False
    return all(_are_initials(i) for i in items[1::2]) and not any(map(_are_initials, items[::2]))


def _are_initials(text: str) -> bool:
    return bool(_INITIALS.fullmatch(text)) and text.upper() == text


def _turned(item: str) -> str:
    last, comma, first = item.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() else _initials_first(item)


def _initials_first(item: str) -> str:
    """ "Roe JT" and "Roe J." in natural order; anything else unchanged."""
    words = item.split()
    last = words[-1] if words else ""
    if len(words) >= 2 and len(words[0]) > 2 and SUFFIX.fullmatch(last) is None:
        initials = last.replace(".", "").replace("-", "")
        if initials.isupper() and len(initials) <= 3 and "." not in words[0]:
            return f"{last} {' '.join(words[:-1])}"
    return item


def _tidy(item: str, known: Collection[str]) -> str:
    """One name with single blanks; blanks that a PDF lost are put back where safe."""
    name = re.sub(r"(?<=\b[A-Z]\.)(?=[A-Z][a-z])", " ", item)
    name = " ".join(name.split()).strip(" ,;:")
    name = _ended(name) if not SUFFIX.fullmatch(name.rpartition(" ")[2]) else name
    words = name.split()
    if len(words) == 1 and (found := _JOINED.fullmatch(name)):
        parted = f"{found[1]} {found[2]}"
        if parted in known or not _NOT_JOINED.fullmatch(found[1]):
            return parted
    elif len(words) > 1 and known:
        return " ".join(_part(word, words, known) for word in words)
    return name


def _part(word: str, words: Sequence[str], known: Collection[str]) -> str:
    """A word of a longer name, parted where the parted name is known elsewhere."""
    found = _JOINED.fullmatch(word)
    if found is None:
        return word
    parted = f"{found[1]} {found[2]}"
    return parted if " ".join(parted if w == word else w for w in words) in known else word


def _ended(text: str) -> str:
    """Without the full stop of a sentence; the dot of an initial stays."""
    last = text.rpartition(" ")[2]
    if re.fullmatch(r"(?:[^\W\d_]\.-?)+", last) and last[0].isupper():
        return text
    return text.rstrip(".")


def is_name(text: str) -> bool:
    """Whether a text reads like one person's name."""
    bare = re.sub(r"\([^()]{1,20}\)", " ", text)
    words = bare.split()
    if not 1 <= len(words) <= 6 or len(text) > 60:
        return False
    full = 0
    for word in words:
        if word.casefold() in _PARTICLES and word[:1].islower():
            continue
        if (
            not _NAME_WORD.fullmatch(word)
            or word[0].islower()
            or _NO_NAME.fullmatch(word.casefold().rstrip("."))
        ):
            return False
        full += len(word.rstrip(".")) > 1
    return full > 0


def could_be_cut(text: str) -> bool:
    """Whether an author line that ends without a comma may go on in the next line."""
    last = re.split(r"[,;]|\band\b|&", _MARKS.sub("", text))[-1].split()
    return len(last) <= 1 or bool(re.fullmatch(r"[A-Z]\.?", last[-1]))
