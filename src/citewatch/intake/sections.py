"""Section headings: which open a list of papers, which close it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PAPERS = (
    r"publications?|papers?|articles?|preprints?|manuscripts?|proceedings|chapters?|books?|"
    r"bibliography|theses|thesis|monographs?"
)
_KINDS: dict[str, str] = {
    "awards": r"awards?|honou?rs?|prizes?|fellowships?|scholarships?|distinctions?|recognitions?",
    "talks": r"talks?|lectures?|presentations?|seminars?|keynotes?|tutorials?|speaking|posters?",
    "services": r"services?|review(?:ing|er|ers|s)|refereeing|edit(?:ing|orial|orship|or|ors)|"
    r"organi[sz](?:ation|ing|er|ers)|committees?|memberships?|activities|outreach|volunteering",
    "teaching": r"teaching|courses?|mentor(?:ing|ship)|advising|supervision|students?|advisees",
    "education": r"education|degrees?|qualifications?|training",
    "appointments": r"appointments?|employment|positions?|experiences?|internships?|affiliations?|"
    r"career|history",
    "grants": r"grants?|funding|support",
    "patents": r"patents?",
    "software": r"software|projects?|code|datasets?|tools",
    "other sections": r"skills?|interests?|references?|referees|languages?|contact|press|news|"
    r"media|biography|bio|summary|objective|profile|hobbies|certifications?|visits?|coverage|"
    r"about|me",
}
_FILLERS = (
    r"selected|recent|recently|all|full|complete|short|long|peer|reviewed|refereed|non|un|invited|"
    r"journals?|conferences?|workshops?|symposi(?:a|um)|international|national|domestic|research|technical|"
    r"working|under|in|to|appear|press|review|submitted|submission|progress|preparation|accepted|"
    r"published|forthcoming|professional|academic|scientific|scholarly|industrial|industry|work|"
    r"works|list|of|and|or|the|my|other|additional|further|main|major|key|representative|arxiv|"
    r"letters?|reports?|notes?|edited|volumes?|co|first|lead|author(?:ed|s)?|with|by|from|at|for|on|"
    r"program|programme|area|chair|society|university|public|graduate|undergraduate|phd|master|"
    r"doctoral|dissertations?|popular|open|source|white|top|tier|magazine|reference|entries|"
    r"contributed|collaborations?|collaborative|significant|contributions?|preprint|google|scholar|visiting|scholars|current|past|former"
)
_HEAD_WORDS = re.compile("|".join([_PAPERS, *_KINDS.values()]))
_KNOWN_WORD = re.compile("|".join([_PAPERS, _FILLERS, *_KINDS.values()]))
_NUMBERING = re.compile(r"(?:#{1,6}\s+)?(?:(?:[IVX]{1,5}|[A-Z]|\d{1,2}(?:\.\d{1,2})?)[.)]\s+)?")
_PAREN = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*")
_YEAR = re.compile(
    r"\W*((?:19|20)\d\d)(?:\s*[-–—]\s*((?:19|20)\d\d|present|now))?\W*", re.IGNORECASE
)
_LONGEST = 110


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that heads a section. ``kind`` is "papers" where a list of papers begins."""

    kind: str
    year: int | None = None
    level: int = 0
    """Depth by # marks, 0 where there are none."""


def heading_of(text: str) -> Heading | None:
    """The heading that a line is by its words alone, None when it is none.

    Every word has to come from the vocabulary of headings, and one of them has to
    name a section: so a title that speaks of awards is not taken for a heading.
    """
    if len(text) > _LONGEST:
        return None
    if found := _YEAR.fullmatch(text):
        return Heading("year", int(found[1]) if found[2] is None else None, _level(text))
    words = _words(text)
    if not words or len(words) > 10 or text.rstrip().endswith((",", ";")):
        return None
    if not all(map(_KNOWN_WORD.fullmatch, words)):
        return None
    named = [w for w in words if _HEAD_WORDS.fullmatch(w)]
    if not named or not _NUMBERING.sub("", text, count=1)[:1].isupper():
        return None
    return Heading(_kind(words), level=_level(text))


def markdown_heading(text: str) -> Heading | None:
    """A line that is marked as a heading by # though its words are unknown."""
    if re.match(r"#{1,6}\s+\S", text) and len(text) <= _LONGEST:
        return Heading("other sections", level=_level(text))
    return None


def _level(text: str) -> int:
    return len(text) - len(text.lstrip("#"))


def _words(text: str) -> list[str]:
    bare = _NUMBERING.sub("", text, count=1)
    bare = _PAREN.sub(" ", bare).rstrip(": ")
    if re.search(r"[.,!?\"“”]\s*\S|\d", bare.replace(",", " ") if _listing(bare) else bare):
        return []
    return [w for w in re.split(r"[^\w]+", bare.casefold()) if w]


def _listing(bare: str) -> bool:
    """Whether commas only list kinds of papers: "Books, Chapters, and Articles"."""
    return bare.count(",") <= 3


def _kind(words: list[str]) -> str:
    """The section's kind: what is done with papers ("Paper Reviewing") is not papers."""
    for word, after in zip(words, (*words[1:], ""), strict=True):
        if re.fullmatch(_PAPERS, word):
            return _named(after) or "papers"
    for before, word in zip(("", *words[:-1]), words, strict=True):
        if (kind := _named(word)) and not (word == "review" and before in ("under", "in")):
            return kind
    return "other sections"


def _named(word: str) -> str | None:
    return next((kind for kind, known in _KINDS.items() if re.fullmatch(known, word)), None)
