"""The part of SPARQL that look-ups need: SELECT, triples, VALUES, OPTIONAL, a few aggregates.

Everything else (FILTER, UNION, BIND, …) is refused by name instead of being answered wrongly.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from citewatch.sandbox.dblp_query import Column, InvalidQuery, Node, Pattern, Query, Term

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
AGGREGATES = ("GROUP_CONCAT", "SAMPLE", "COUNT")
_TOKEN = re.compile(
    r"""\s*(?:\#[^\n]*\n\s*)*(?:
      (?P<iri><[^<>\s"{}|^`\\]*>)
    | (?P<var>[?$]\w+)
    | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    | (?P<name>[A-Za-z_][\w-]*)?(?P<local>:[\w-]*(?:\.[\w-]+)*)
    | (?P<word>[A-Za-z_]\w*)
    | (?P<number>\d{1,9})
    | (?P<mark>\^\^|[{}().;,/=*@|+!<>&-])
    )""",
    re.VERBOSE,
)
_STARTS = ("var", "iri", "local")
"""What a triple begins with."""
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


class Token(NamedTuple):
    """One token: its kind (see the expression above) and its text."""

    kind: str
    text: str


def parse_sparql(text: str) -> Query:
    """The query that a text denotes. Raises InvalidQuery."""
    return _Parser(_tokens(text)).query()


def _tokens(text: str) -> list[Token]:
    tokens, at = [], 0
    end = len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            if text[at:].lstrip().startswith("#"):
                break
            raise InvalidQuery(f"Invalid SPARQL query: cannot read {text[at : at + 20]!r}")
        kind = str(found.lastgroup)
        whole = (found["name"] or "") + found["local"] if kind == "local" else found[kind]
        tokens.append(Token(kind, whole))
        at = found.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._prefixes: dict[str, str] = {}
        self._query = Query()
        self._hidden = 0

    def _peek(self) -> Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else Token("end", "")

    def _take(self, kind: str | None = None) -> Token:
        token = self._peek()
        if token.kind == "end" or (kind is not None and token.kind != kind):
            wanted = f", wanted {kind}" if kind else ""
            raise InvalidQuery(f"Invalid SPARQL query: unexpected {token.text or 'end'}{wanted}")
        self._at += 1
        return token

    def _accept(self, text: str) -> bool:
        """Whether the next token is this word (in any case) or mark; it is then taken."""
        token = self._peek()
        if token.kind in ("word", "mark") and token.text.upper() == text:
            self._at += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._accept(text):
            there = self._peek().text or "the end"
            raise InvalidQuery(f"Invalid SPARQL query: {there} where {text} belongs")

    def query(self) -> Query:
        """The whole query."""
        while self._accept("PREFIX"):
            prefix = self._take("local").text
            self._prefixes[prefix] = self._take("iri").text[1:-1]
        self._expect("SELECT")
        self._query.distinct = self._accept("DISTINCT")
        self._columns()
        self._accept("WHERE")
        self._expect("{")
        self._group()
        self._endings()
        return self._query

    def _columns(self) -> None:
        if self._accept("*"):
            return
        while True:
            if self._peek().kind == "var":
                name = self._take().text[1:]
                self._query.columns.append(Column(name, name))
            elif self._accept("("):
                self._query.columns.append(self._aggregate())
            else:
                break
        if not self._query.columns:
            raise InvalidQuery("Invalid SPARQL query: SELECT of nothing")

    def _aggregate(self) -> Column:
        name = self._take("word").text.upper()
        if name not in AGGREGATES:
            raise InvalidQuery(f"{name} is not understood here")
        self._expect("(")
        distinct = self._accept("DISTINCT")
        of = self._take("var").text[1:]
        separator = " "
        if self._accept(";"):
            self._expect("SEPARATOR")
            self._expect("=")
            separator = _unquoted(self._take("text").text)
        self._expect(")")
        self._expect("AS")
        column = Column(self._take("var").text[1:], of, name, distinct, separator)
        self._expect(")")
        return column

    def _group(self) -> None:
        while not self._accept("}"):
            if self._accept("VALUES"):
                self._query.values.append(self._values())
            elif self._accept("OPTIONAL"):
                self._expect("{")
                self._query.optional.append(self._triples())
                self._expect("}")
                self._accept(".")
            elif self._peek().kind in _STARTS:
                self._query.patterns += self._triples()
            else:
                raise InvalidQuery(f"{self._peek().text or 'the end'} is not understood here")

    def _endings(self) -> None:
        while self._peek().kind != "end":
            if self._accept("GROUP"):
                self._expect("BY")
                while self._peek().kind == "var":
                    self._query.group_by.append(self._take().text[1:])
            elif self._accept("ORDER"):
                # The order of rows is left as it is: nobody may rely on it.
                self._expect("BY")
                while self._peek().kind == "var":
                    self._take()
            elif self._accept("LIMIT"):
                self._query.limit = int(self._take("number").text)
            elif self._accept("VALUES"):
                self._query.values.append(self._values())
            else:
                raise InvalidQuery(f"{self._peek().text} is not understood here")

    def _values(self) -> tuple[list[str], list[list[Term | None]]]:
        many = self._accept("(")
        names = []
        while self._peek().kind == "var":
            names.append(self._take().text[1:])
        if not names:
            raise InvalidQuery("Invalid SPARQL query: VALUES of nothing")
        if many:
            self._expect(")")
        self._expect("{")
        rows: list[list[Term | None]] = []
        while not self._accept("}"):
            if many:
                self._expect("(")
            rows.append([None if self._accept("UNDEF") else self._term() for _ in names])
            if many:
                self._expect(")")
        return names, rows

    def _triples(self) -> list[Pattern]:
        """Triples up to the end of their block, with ``;`` and ``,`` for what is repeated."""
        found: list[Pattern] = []
        while self._peek().kind in _STARTS:
            subject = self._node()
            while True:
                path = self._path()
                found += self._along(subject, path, self._node())
                while self._accept(","):
                    found += self._along(subject, path, self._node())
                if not self._accept(";") or self._peek().text in (".", "}"):
                    break
            if not self._accept("."):
                break
        return found

    def _path(self) -> list[str]:
        """The predicates of a path ``a/b/c``, mostly one."""
        path = [self._predicate()]
        while self._accept("/"):
            path.append(self._predicate())
        return path

    def _predicate(self) -> str:
        token = self._peek()
        if token == Token("word", "a"):
            self._at += 1
            return RDF_TYPE
        if token.kind not in ("iri", "local"):
            raise InvalidQuery(f"{token.text} is not understood as a predicate here")
        return self._term().value

    def _along(self, subject: Node, path: list[str], last: Node) -> list[Pattern]:
        nodes: list[Node] = [subject]
        for _ in path[1:]:
            self._hidden += 1
            nodes.append(f" {self._hidden}")
        nodes.append(last)
        return [Pattern(nodes[at], step, nodes[at + 1]) for at, step in enumerate(path)]

    def _node(self) -> Node:
        return self._take().text[1:] if self._peek().kind == "var" else self._term()

    def _term(self) -> Term:
        token = self._take()
        match token.kind:
            case "iri":
                return Term("uri", token.text[1:-1])
            case "local":
                return Term("uri", self._expanded(token.text))
            case "text":
                datatype = self._term().value if self._accept("^^") else None
                return Term("literal", _unquoted(token.text), datatype)
        raise InvalidQuery(f"{token.text} is not understood here")

    def _expanded(self, name: str) -> str:
        prefix, _, rest = name.partition(":")
        if prefix + ":" not in self._prefixes:
            raise InvalidQuery(f"Invalid SPARQL query: the prefix {prefix}: was not declared")
        return self._prefixes[prefix + ":"] + rest


def _unquoted(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        code = found[1]
        return chr(int(code[1:], 16)) if len(code) == 5 else _ESCAPED.get(code, code)

    return _ESCAPE.sub(plain, text[1:-1])
