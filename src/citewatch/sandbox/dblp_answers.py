"""Answering a parsed SPARQL query from a graph, and the answer as SPARQL's JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from citewatch.sandbox.dblp_query import Column, InvalidQuery, Node, Pattern, Query, Term

Solution = dict[str, Term]
ROWS_LIMIT = 200_000


class Graph(Protocol):
    """The triples that a query is answered from."""

    def objects(self, subject: Term, predicate: str) -> tuple[Term, ...]: ...

    def subjects(self, predicate: str, found: Term | None) -> Iterable[Term]:
        """Subjects that have a predicate, with an object or with any."""
        ...


def solve(query: Query, graph: Graph) -> tuple[list[str], list[Solution]]:
    """(names of the columns, rows). Raises InvalidQuery for an answer beyond all bounds."""
    solutions: list[Solution] = [{}]
    for names, rows in query.values:
        solutions = [
            joined
            for solution in solutions
            for row in rows
            if (joined := _bound(solution, names, row)) is not None
        ]
    solutions = _joined(solutions, query.patterns, graph)
    for block in query.optional:
        solutions = [
            found
            for solution in solutions
            for found in (_joined([solution], block, graph) or [solution])
        ]
    columns = query.columns or [Column(name, name) for name in _visible(query)]
    if query.group_by or any(column.aggregate for column in columns):
        shown = _grouped(solutions, columns, query.group_by)
    else:
        names = [column.name for column in columns]
        shown = [{n: solution[n] for n in names if n in solution} for solution in solutions]
    if query.distinct:
        shown = list({tuple(sorted(row.items())): row for row in shown}.values())
    return [column.name for column in columns], shown[: query.limit]


def _bound(solution: Solution, names: list[str], row: list[Term | None]) -> Solution | None:
    """The solution with a row of VALUES in it; None where they contradict one another."""
    found = dict(solution)
    for name, term in zip(names, row, strict=True):
        if term is not None and found.setdefault(name, term) != term:
            return None
    return found


def _joined(solutions: list[Solution], patterns: list[Pattern], graph: Graph) -> list[Solution]:
    left = list(patterns)
    while left and solutions:
        known = solutions[0].keys()
        pattern = min(left, key=lambda each: _cost(each, known))
        left.remove(pattern)
        solutions = [
            found for solution in solutions for found in _matches(solution, pattern, graph)
        ]
        if len(solutions) > ROWS_LIMIT:
            raise InvalidQuery(f"The answer would have more than {ROWS_LIMIT} rows")
    return solutions


def _cost(pattern: Pattern, known: Iterable[str]) -> int:
    """The cheaper patterns go first: those with a known subject, then a known object."""
    if isinstance(pattern.subject, Term) or pattern.subject in known:
        return 0
    return 1 if isinstance(pattern.object, Term) or pattern.object in known else 2


def _matches(solution: Solution, pattern: Pattern, graph: Graph) -> Iterator[Solution]:
    subject, wanted = _value(solution, pattern.subject), _value(solution, pattern.object)
    subjects = [subject] if subject else graph.subjects(pattern.predicate, wanted)
    for each in subjects:
        for found in graph.objects(each, pattern.predicate):
            if wanted is not None and found != wanted:
                continue
            ends = ((pattern.subject, each), (pattern.object, found))
            yield solution | {node: term for node, term in ends if isinstance(node, str)}


def _value(solution: Solution, node: Node) -> Term | None:
    return node if isinstance(node, Term) else solution.get(node)


def _visible(query: Query) -> list[str]:
    names = [name for values, _ in query.values for name in values]
    for pattern in (*query.patterns, *(each for block in query.optional for each in block)):
        names += [node for node in (pattern.subject, pattern.object) if isinstance(node, str)]
    return [name for name in dict.fromkeys(names) if not name.startswith(" ")]


def _grouped(
    solutions: list[Solution], columns: list[Column], group_by: list[str]
) -> list[Solution]:
    free = [column.name for column in columns if not column.aggregate]
    if lost := [name for name in free if name not in group_by]:
        raise InvalidQuery(f"?{lost[0]} is selected but not aggregated or in GROUP BY")
    groups: dict[tuple[Term | None, ...], list[Solution]] = {}
    for solution in solutions:
        groups.setdefault(tuple(solution.get(name) for name in group_by), []).append(solution)
    rows = []
    for members in groups.values():
        row = {name: members[0][name] for name in free if name in members[0]}
        for column in columns:
            if column.aggregate and (term := _aggregate(column, members)) is not None:
                row[column.name] = term
        rows.append(row)
    return rows


def _aggregate(column: Column, members: list[Solution]) -> Term | None:
    terms = [member[column.of] for member in members if column.of in member]
    if column.distinct:
        terms = list(dict.fromkeys(terms))
    match column.aggregate:
        case "COUNT":
            return Term("literal", str(len(terms)), "http://www.w3.org/2001/XMLSchema#integer")
        case "SAMPLE":
            return terms[0] if terms else None
    return Term("literal", column.separator.join(term.value for term in terms))


def as_json(names: list[str], rows: list[Solution]) -> dict[str, object]:
    """The answer in the form of ``application/sparql-results+json``."""
    bindings = [{name: _shown(term) for name, term in row.items()} for row in rows]
    return {"head": {"vars": names}, "results": {"bindings": bindings}}


def _shown(term: Term) -> dict[str, str]:
    shown = {"type": term.kind, "value": term.value}
    return shown | {"datatype": term.datatype} if term.datatype else shown
