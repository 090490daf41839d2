"""Which citations come from the paper's own people: by identity first, by name else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from citewatch.domain.citing import Person
from citewatch.domain.keys import squash, surname


class Definition(StrEnum):
    """Whose citations of a paper are self-citations."""

    ME = "me"
    """Of the person whose list it is (``author_names``)."""
    COAUTHORS = "coauthors"
    """Of any author of the paper."""


class Basis(StrEnum):
    """What a self-citation was told by."""

    IDENTITY = "identity"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Author:
    """One of the people who count as oneself, with the identities learnt for them."""

    name: str
    identities: frozenset[str] = frozenset()
    """``semantic_scholar:1741101``; of any scheme."""


def self_citation(authors: Sequence[Person], own: Iterable[Author]) -> Basis | None:
    """What makes a work with these authors a self-citation; None when it is none.

    Where the source gives an identity and one of that kind was learnt for the own author,
    it alone decides: namesakes are other people. An unknown list of authors ("no authors")
    is for the caller to tell from "none of them".
    """
    named = False
    for mine in own:
        schemes = {_scheme(i) for i in mine.identities}
        for person in authors:
            if person.identity and _scheme(person.identity) in schemes:
                if person.identity in mine.identities:
                    return Basis.IDENTITY
            elif same_name(person.name, mine.name):
                named = True
    return Basis.NAME if named else None


def learn(name: str, people: Iterable[Person]) -> Author:
    """The own author of that name, with the identities of that name in own papers.

    Initials are not enough to learn from: "H. Zhang" may be a co-author.
    """
    found = (p.identity for p in people if p.identity and _same_in_full(p.name, name))
    return Author(name, frozenset(found))


def _same_in_full(one: str, other: str) -> bool:
    given, others = _parts(one)[1:], _parts(other)[1:]
    written_out = all(names and len(names[0]) > 1 for names in (given, others))
    return same_name(one, other) and (written_out or given == others)


def same_name(one: str, other: str) -> bool:
    """Whether two names can be one person's: "Huan Zhang", "Zhang, Huan", "H. Zhang".

    Initials agree with any name that begins with them; written out, names must be equal.
    """
    (family, *given), (other_family, *others) = _parts(one), _parts(other)
    if not family or family != other_family:
        return bool(squash(one)) and squash(one) == squash(other)
    if not given or not others:
        return given == others
    first, second = given[0], others[0]
    if len(first) == 1 or len(second) == 1:
        return first[0] == second[0]
    return first == second or "".join(given) == "".join(others)


@lru_cache(maxsize=100_000)
def _parts(name: str) -> tuple[str, ...]:
    """The squashed family name, then the given names; the letters of "A.B." are two."""
    family = surname(name)
    _, comma, rest = name.partition(",")
    words = (rest if comma else name).replace(".", ". ").split()
    if not comma:
        for place in range(len(words) - 1, -1, -1):
            if squash(words[place]) == family:
                words = words[:place] + words[place + 1 :]
                break
    return (family, *(word for word in map(squash, words) if word))


def _scheme(identity: str) -> str:
    return identity.partition(":")[0]
