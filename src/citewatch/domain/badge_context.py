"""What the words around a count say of it: a paper's, a person's, or no count at all.

Rules ("papers with 100+ citations"), goals, rates, bounds, counts of a year and the
references of a document look like badges and are none. In doubt a count is none: a badge
that is missed costs a look, one that is made up a false line in a CV.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from citewatch.domain.badge_forms import SOURCE, Candidate
from citewatch.domain.badge_rules import (
    CITED_BY_NO_PAPER,
    NO_WORK,
    NOT_AFTER,
    NOT_BEFORE,
    ONE_WITH,
    PAPERS,
    PAPERS_BRACKET,
    TIMES_ELSEWHERE,
    WINDOW,
)

_REACH = 160
"""Characters on each side that are looked at."""
_NEAR = 90
"""Characters in front in which a rule is looked for."""
_DEFINITE = re.compile(
    r"my|our|this|the|his|her|their|its|that|lead|flagship|seminal|landmark|pioneering|"
    r"first-author|\S*[A-Z0-9]\S*",
)
_ANY_ONE = ("a", "an", "any", "each", "every", "no", "one", "another", "per", "first", "next")
_OURS = re.compile(
    rf"\b(?:my|his|her|their|our)\s+(?:[\w-]+\s+){{0,2}}(?:{PAPERS}|work|research)\s+(?:\w+\s+){{0,3}}$",
    re.IGNORECASE,
)
_RULE_WITH = re.compile(r"\b(?:with|having)\s+$", re.IGNORECASE)
_PAPERS_THAT = re.compile(
    rf"\b{PAPERS}\s+(?:(?:that|which|who|have|has|were|are|is|been|got|most|highly)\s+)*$",
    re.IGNORECASE,
)
_SAYS = re.compile(
    rf"\b{SOURCE}\s+(?:currently\s+|now\s+)?(?:shows|lists|reports|counts|finds|says|indicates|"
    r"displays|has|records|gives)\s+$",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:received|garnered|accumulated|amassed|attracted|gathered|collected|has|have|gained|got|"
    r"earned|reached|drew|drawn)\b",
    re.IGNORECASE,
)
_A_CORPUS = re.compile(r"\bmost[\s-]cited\s+(?:papers?|works?|sources?|nodes?)\b", re.IGNORECASE)
_PAPERS_AFTER = re.compile(r"\s*(?:papers|works|documents|nodes)\b", re.IGNORECASE)
_INDEX = re.compile(
    r"\b(?:h|i10|hi|g|h5)[-‐‑\s_]?index\b\W{0,12}(?:(?:of|is|google\s+scholar)\W{1,3}){0,2}\d"
    r"|\d+\W{1,4}(?:h|i10)[-‐‑\s]?index\b|\bh\s?=\s?\d",
    re.IGNORECASE,
)
_TOTAL = re.compile(
    r"\b(?:total(?:ing|ling|ed|led)?|overall|altogether|in\s+(?:all|total)|combined|"
    r"cumulative(?:ly)?|career|lifetime|all[\s-]time|across\s+(?:all\b|my\b|his\b|her\b|their\b|"
    r"\d+\+?\s+(?:papers|publications|works|articles)))",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"\b(?:(?:my|his|her|their)\s+(?:work|works|papers|publications|research|articles)"
    r"|i\s+have|ha(?:s|ve)\s+(?:published|authored|co-?authored)|(?:assistant|associate|full|"
    r"distinguished|emeritus)\s+professor|professor\s+(?:at|of|in)\b|ph\.?d\.?\s+(?:student|"
    r"candidate)|postdoc(?:toral)?|researcher\b|scientist\b|faculty\b|conducting\b|"
    r"(?:my|scholar)\s+profile|\d+\+?\s+(?:[\w-]+\s+){0,2}(?:papers|publications|articles))",
    re.IGNORECASE,
)
_PARAGRAPH = re.compile(r"\n\s*\n|\r\s*\r")
_SENTENCE_END = re.compile(
    r"(?<=[\w)\]][.!?])\s+(?=[A-Z])|\n\s*\n|\n(?=\s*(?:[-*•|]|\d+[.)]|\[\d))"
)
_YEAR = re.compile(r"(?:19[3-9]|20[0-4])\d\s+[a-z]", re.IGNORECASE)
_YEAR_BEFORE = re.compile(
    r"(?:\b(?:in|since|during|from|year|of|until|by|for)|[A-Z][\w&.’'-]*)\s+$"
)
_COUNTED = re.compile(
    r"(?<![\d.,])(?!(?:19|20)\d\d\s)\d(?:[\d,.]{0,12}\d)?k?\+?\s+$", re.IGNORECASE
)
"""A number that is no year in front of "citations: 25": papers that have so many."""
_ALL_OF_THEM = re.compile(r"citations?\s*[:=]", re.IGNORECASE)
"""Behind "first-author papers (": a sum, where "100+ citations" would be a rule."""
_ALL = re.compile(r"total|all[-_]?cit", re.IGNORECASE)


class Owner(StrEnum):
    """Whose count it is."""

    PAPER = "paper"
    TOTAL = "total"
    """Of a person, or over all papers."""


def owner_of(text: str, seen: str, one: Candidate) -> Owner | None:
    """Whose count the words of a candidate are; None where they are no count."""
    words = seen[one.start : one.end]
    if one.machine:
        return Owner.TOTAL if _ALL.search(text[one.start : one.end]) else Owner.PAPER
    before = _PARAGRAPH.split(seen[max(0, one.start - _REACH) : one.start])[-1]
    after = _PARAGRAPH.split(seen[one.end : one.end + _REACH])[0]
    return _judged(words, before, after)


@lru_cache(maxsize=2_048)
def _judged(words: str, before: str, after: str) -> Owner | None:
    """`owner_of` for what stands in prose; a list says the same of many papers."""
    near = before[-_NEAR:]
    if NOT_AFTER.match(after) or (WINDOW.match(after) and not _PAST.search(before[-40:])):
        return None
    cited = words.casefold().startswith("cited")
    if cited and _no_paper_cited(words, before, after):
        return None
    if _OURS.search(near) and not _RULE_WITH.search(near):
        return Owner.TOTAL
    if words[:4].casefold() == "cita" and _COUNTED.search(near):
        return None
    if PAPERS_BRACKET.search(near) and _ALL_OF_THEM.match(words):
        return Owner.TOTAL
    if not _SAYS.search(near) and (NOT_BEFORE.search(near) or _a_rule(words, near)):
        return None
    return None if _a_year(words, before) else _owner(words, before, after)


def _a_rule(words: str, before: str) -> bool:
    """Whether the count parts papers from papers: "papers over 50 citations", "a paper with"."""
    if PAPERS_BRACKET.search(before):
        return True
    plural = _PAPERS_THAT.search(before)
    if plural and not words[0].isdigit():
        return True
    single = ONE_WITH.search(before)
    word = (single["word"] or "") if single else ""
    return single is not None and (word.casefold() in _ANY_ONE or _DEFINITE.fullmatch(word) is None)


def _no_paper_cited(words: str, before: str, after: str) -> bool:
    """Whether what is cited, or what cites it, is no paper: issues, reports, a local corpus."""
    if NO_WORK.search(before) or CITED_BY_NO_PAPER.match(after):
        return True
    if _PAPERS_AFTER.match(after) and _A_CORPUS.search(before):
        return True
    return "time" in words.casefold() and bool(TIMES_ELSEWHERE.match(after))


def _a_year(words: str, before: str) -> bool:
    """Whether the number is the year of "in 2018 citations rose", "NeurIPS 2018 cites"."""
    return bool(_YEAR.match(words) and _YEAR_BEFORE.search(before))


def _owner(words: str, before: str, after: str) -> Owner:
    head = _SENTENCE_END.split(before)[-1]
    tail = _SENTENCE_END.split(after)[0]
    if _TOTAL.search(words) or _TOTAL.search(head[-60:]) or _TOTAL.match(tail.lstrip(" ,(")):
        return Owner.TOTAL
    if _INDEX.search(f"{before} {after}"):
        return Owner.TOTAL
    bracketed = head.rfind("(") > head.rfind(")") or head.rfind("[") > head.rfind("]")
    inside = re.split(r"[(\[]", head)[-1] if bracketed else head
    aside = re.split(r"[)\]]", tail)[0] if bracketed else tail
    return Owner.TOTAL if _PERSON.search(inside) or _PERSON.search(aside) else Owner.PAPER
