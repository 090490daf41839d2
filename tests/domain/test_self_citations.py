"""Whose citations are one's own: by identity, by name, and what is nobody's."""

from __future__ import annotations

import pytest

from citewatch.domain.citing import Person
from citewatch.domain.self_citations import Author, Basis, learn, same_name, self_citation

HUAN = Author("Huan Zhang", frozenset({"semantic_scholar:1"}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Huan Zhang", "huan  zhang"),
        ("Huan Zhang", "Zhang, Huan"),
        ("Huan Zhang", "H. Zhang"),
        ("Zhang, H.", "Huan Zhang"),
        ("Cho-Jui Hsieh", "Cho Jui Hsieh"),
        ("C.-J. Hsieh", "Cho-Jui Hsieh"),
        ("José Álvarez", "Jose Alvarez"),
        ("Donald E. Knuth", "Donald Knuth"),
        ("Donald Knuth", "D.E. Knuth"),
        ("Plato", "plato"),
    ],
)
def test_names_that_can_be_one_persons(one: str, other: str) -> None:
    assert same_name(one, other)
    assert same_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Huan Zhang", "Hongyang Zhang"),
        ("Huan Zhang", "Huan Wang"),
        ("Huan Zhang", "P. Zhang"),
        ("Huan Zhang", "Zhang"),
        ("", ""),
        ("Huan Zhang", ""),
        ("...", "—"),
    ],
)
def test_names_that_cannot(one: str, other: str) -> None:
    assert not same_name(one, other)
    assert not same_name(other, one)


@pytest.mark.parametrize(
    ("person", "basis"),
    [
        (Person("H. Z.", "semantic_scholar:1"), Basis.IDENTITY),
        (Person("Huan Zhang", "semantic_scholar:2"), None),
        (Person("Huan Zhang", "orcid:0000-1"), Basis.NAME),
        (Person("Huan Zhang"), Basis.NAME),
        (Person("Bo Li"), None),
    ],
)
def test_an_identity_decides_before_a_name(person: Person, basis: Basis | None) -> None:
    assert self_citation([Person("Somebody Else"), person], [HUAN]) is basis


def test_without_a_learnt_identity_the_name_is_all_there_is() -> None:
    stranger = Person("Huan Zhang", "semantic_scholar:2")
    assert self_citation([stranger], [Author("Huan Zhang")]) is Basis.NAME


def test_an_identity_outweighs_the_name_of_another() -> None:
    people = [Person("Bo Li"), Person("Zhang", "semantic_scholar:1")]
    assert self_citation(people, [Author("Bo Li"), HUAN]) is Basis.IDENTITY


def test_nobody_is_no_self_citation() -> None:
    assert self_citation([], [HUAN]) is None
    assert self_citation([Person("Huan Zhang")], []) is None


def test_identities_are_learnt_from_namesakes_in_own_papers() -> None:
    people = [
        Person("H. Zhang", "openalex:A1"), Person("Bo Li", "openalex:A2"), Person("Huan Zhang"),
        Person("Zhang, Huan", "openalex:A3"), Person("Huan K. Zhang", "semantic_scholar:4"),
    ]  # fmt: skip
    known = frozenset({"openalex:A3", "semantic_scholar:4"})
    assert learn("Huan Zhang", people) == Author("Huan Zhang", known)
    assert learn("H. Zhang", people) == Author("H. Zhang", frozenset({"openalex:A1"}))
