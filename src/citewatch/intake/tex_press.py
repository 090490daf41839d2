"""A LaTeX file printed as text: commands carried out as far as a list of papers needs."""

from __future__ import annotations

import re

from citewatch.intake import tex_names as names
from citewatch.intake.printed import M
from citewatch.intake.tex_macros import Macro
from citewatch.intake.tex_page import DEEPEST, Call, Page, link_of
from citewatch.intake.tex_tokens import T, Token
from citewatch.intake.tex_words import formula, letter

_PLAIN_NUMBER = re.compile(r"\$([\d.,+]{1,12})\$")
_ENV = re.compile(r"[A-Za-z]+\*?")
_MACROS = 20
"""Macros within macros."""
_ENDLESS = "macros that call one another without end were left out"


class Press(Page):
    """Prints a file once; `printed` and `notes` are the outcome."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        lo, hi = self.document()
        self._run(lo, hi, None, 0)

    def _run(self, lo: int, hi: int, call: Call | None, depth: int) -> None:
        """Print the tokens [lo, hi)."""
        since: dict[M, int] = {}
        at = lo
        while at < hi:
            self.budget -= 1
            token = self.source.tokens[at]
            if token.kind is T.COMMAND:
                if switch := _switch(token.text[1:].strip()):
                    since.setdefault(switch, self.printed.length)
                    at += 1
                else:
                    at = self._command(at, hi, call, depth)
            elif token.kind is T.OPEN and (close := self.source.pairs.get(at)) and close < hi:
                if depth < DEEPEST:
                    self._run(at + 1, close, call, depth + 1)
                    at = close + 1
                else:
                    at += 1
            elif token.kind is T.ADDRESS:
                at = self._address(at, hi, call, depth)
            else:
                self._print(token, call, depth)
                at += 1
        for kind, start in since.items():
            self.mark(kind, start)

    def _print(self, token: Token, call: Call | None, depth: int) -> None:
        """Print one token that is no command."""
        match token.kind:
            case T.WORDS | T.BRACKET:
                self.add(token.text, token, call)
            case T.BLANK | T.TIE:
                self.add(" ", token, call)
            case T.PARAGRAPH:
                self.add("\n\n", token, call)
            case T.SIGN:
                self.add(token.printed, token, call)
            case T.LETTER:
                self.add(letter(token.text.strip()), token, call)
            case T.CELL:
                self.add("\n" if self.in_table() else "&", token, call)
            case T.MATH:
                if call is None and (plain := _PLAIN_NUMBER.fullmatch(token.text)):
                    self.printed.add(plain[1], token.start + 1, token.end - 1)
                else:
                    self.add(formula(token.text), token, call)
            case T.PARAMETER if call is not None:
                number = int(token.text[1:])
                if 1 <= number <= len(call.arguments) and self.budget > 0 and depth < DEEPEST:
                    (lo, hi), outer = call.arguments[number - 1]
                    self._run(lo, hi, outer, depth + 1)
            case _:
                pass

    def _address(self, at: int, hi: int, call: Call | None, depth: int) -> int:
        """``\\href{address}{words}`` and ``\\url{address}``."""
        token = self.source.tokens[at]
        address = self.filled(token.printed, call)
        start = self.printed.length
        if not token.text.startswith("\\href"):
            self.add(address, token, call)
            self.mark(M.LINK, start, address)
            return at + 1
        words = self.source.group(at + 1, end=hi)
        if words is None:
            return at + 1
        if depth < DEEPEST:
            self._run(*words, call, depth + 1)
        if address and not address.startswith("mailto:"):
            self.mark(M.LINK, start, address)
        return words[1] + 1

    def _command(self, at: int, hi: int, call: Call | None, depth: int) -> int:
        """Carry out one command; the position behind it and its arguments."""
        if call is None and (after := self.definitions.get(at)):
            return after
        token = self.source.tokens[at]
        name = token.text[1:].strip()
        if macro := self.macros.get(name):
            return self._expand(macro, at, hi, call, depth)
        if not name[:1].isalpha():
            return self._sign(name, at, hi, call)
        if name in ("begin", "end"):
            return self._environment(name, at, hi, call)
        if name == "iffalse" and (after := self.next_end("\\fi", at)):
            return after + 1
        if name in names.ITEMS:
            return self._item(name, at, hi, call, depth)
        if name in names.SIGNS:
            self.add(names.SIGNS[name], token, call)
            return at + 1
        if name == "newblock":
            self.add(" ", token, call)
            self.mark(M.BLOCK, self.printed.length)
            return at + 1
        if names.GREEK.fullmatch(name):
            self.add(formula(f"$\\{name}$"), token, call)
            return at + 1
        if name in ("par", "newline", "linebreak", "tabularnewline", "cr"):
            return self._break("\n\n" if name == "par" else "\n", at, hi, call)
        if name.rstrip("*") in names.DROPPED:
            return self._drop(name.rstrip("*"), at, hi)
        return self._argued(name, at, hi, call, depth)

    def _sign(self, name: str, at: int, hi: int, call: Call | None) -> int:
        """An escaped character."""
        token = self.source.tokens[at]
        if name == "\\":
            return self._break("\n", at, hi, call)
        if name == "" or name in names.BLANK_SIGNS:
            self.add("" if name in ("/", "@", "!") else " ", token, call)
        return at + 1

    def _break(self, text: str, at: int, hi: int, call: Call | None) -> int:
        """The end of a line, or of a row, with the room that may be asked for behind it."""
        self.add(text, self.source.tokens[at], call)
        if self.in_table():
            self.mark(M.CUT, self.printed.length)
        after = self.source.skip(at + 1, end=hi)
        if after < hi and self.source.tokens[after].text == "*":
            after += 1
        room = self.source.brackets(after, end=hi)
        return room[1] + 1 if room and room[1] - room[0] <= 2 else at + 1

    def _drop(self, name: str, at: int, hi: int) -> int:
        """A command that prints nothing, with its arguments."""
        after, count = at + 1, names.DROPPED[name]
        if name in ("input", "include", "bibliography", "addbibresource"):
            self.note_file(name, after, hi)
        for _ in range(count):
            while room := self.source.brackets(self.source.skip(after, end=hi), end=hi):
                after = room[1] + 1
            group = self.source.group(after, end=hi)
            if group is None:
                break
            after = group[1] + 1
        return after

    def _environment(self, name: str, at: int, hi: int, call: Call | None) -> int:
        token = self.source.tokens[at]
        group = self.source.group(at + 1, end=hi)
        kind = self.source.raw(group).strip() if group else ""
        if group is None or not _ENV.fullmatch(kind):
            return at + 1
        after = group[1] + 1
        if name == "end":
            if kind in self.lists:
                while self.lists.pop() != kind:
                    pass
                self.add("\n", token, call)
                self.mark(M.CUT, self.printed.length)
            return after
        if kind in names.HIDDEN and (end := self.next_end(kind, at)) and end < hi:
            closing = self.source.group(end + 1, end=hi)
            return closing[1] + 1 if closing else end + 1
        if room := self.source.brackets(self.source.skip(after, end=hi), end=hi):
            after = room[1] + 1
        for _ in range(names.ARGUED.get(kind, 0)):
            argument = self.source.group(after, end=hi)
            after = argument[1] + 1 if argument else after
        if kind in names.TABLES or (names.LISTS.fullmatch(kind) and len(self.lists) < DEEPEST):
            self.lists.append(kind)
            self.add("\n", token, call)
        return after

    def _item(self, name: str, at: int, hi: int, call: Call | None, depth: int) -> int:
        token = self.source.tokens[at]
        self.add("\n", token, call)
        start = self.printed.length
        depth_of = "bib" if name == "bibitem" else str(len(self.lists))
        self.mark(M.ITEM, start, depth_of, source=self.place(token, call))
        after = self.source.skip(at + 1, end=hi)
        label = self.source.brackets(after, end=hi)
        if label is not None:
            after = label[1] + 1
            if name != "bibitem" and depth < DEEPEST:
                self._run(*label, call, depth + 1)
                self.mark(M.LABEL, start)
                self.add(" ", token, call)
        if name == "bibitem" and (key := self.source.group(after, end=hi)):
            after = key[1] + 1
        return after if label is not None or name == "bibitem" else at + 1

    def _expand(self, macro: Macro, at: int, hi: int, call: Call | None, depth: int) -> int:
        """A macro of the file itself, with its arguments in their places."""
        arguments: list[tuple[tuple[int, int], Call | None]] = []
        after, count = at + 1, macro.parameters
        if macro.optional is not None:
            given = self.source.brackets(self.source.skip(after, end=hi), end=hi)
            arguments.append((given or macro.optional, call))
            after, count = given[1] + 1 if given else after, count - 1
        for _ in range(count):
            group = self.source.group(after, end=hi)
            if group is None:
                break
            arguments.append((group, call))
            after = group[1] + 1
        inner = 1 if call is None else call.depth + 1
        if self.budget <= 0 or inner > _MACROS or depth >= DEEPEST:
            if _ENDLESS not in self.notes:
                self.notes.append(_ENDLESS)
            return after
        place = self.place(self.source.tokens[at], call)
        self._run(*macro.body, Call(tuple(arguments), place, inner), depth + 1)
        return after

    def _argued(self, name: str, at: int, hi: int, call: Call | None, depth: int) -> int:
        """A command of a class or package: what it prints is told by its name and arguments."""
        token = self.source.tokens[at]
        groups, after = self.arguments_at(at + 1, hi)
        if not groups or depth >= DEEPEST:
            return after
        first = self.source.raw(groups[0])
        start = self.printed.length
        if names.COUNTING.fullmatch(name) and names.COUNT.fullmatch(first):
            end = self.source.tokens[groups[0][1]].end
            source = (token.start, end) if call is None else (token.start, token.start)
            self.printed.add(self.source.text[token.start : end], *source)
            return groups[0][1] + 1
        if names.HEADINGS.fullmatch(name):
            self.add("\n\n", token, call)
            start = self.printed.length
            self._run(*groups[-1], call, depth + 1)
            self.mark(M.HEADING, start, source=self.place(token, call))
            self.add("\n\n", token, call)
            return after
        if link := link_of(name, self.filled(first, call)):
            return self._linked(link, groups, at, call, depth)
        if names.RECORDS.fullmatch(name) or len(groups) > 2:
            return self._record(groups, at, call, depth)
        return self._styled(name, groups, after, call, depth)

    def _linked(
        self, link: str, groups: list[tuple[int, int]], at: int, call: Call | None, depth: int
    ) -> int:
        """A command whose first argument is an address and whose second are the words on it."""
        start = self.printed.length
        shown = groups[1] if len(groups) > 1 else None
        if shown is not None:
            self._run(*shown, call, depth + 1)
        else:
            words = link.replace("https://arxiv.org/abs/", "arXiv:")
            self.add(words.replace("https://doi.org/", "doi:"), self.source.tokens[at], call)
        self.mark(M.LINK, start, link)
        return (shown or groups[0])[1] + 1

    def _record(self, groups: list[tuple[int, int]], at: int, call: Call | None, depth: int) -> int:
        """A command that sets an entry, or a line, of several arguments."""
        token = self.source.tokens[at]
        self.add("\n", token, call)
        start, place = self.printed.length, self.place(token, call)
        self.mark(M.ITEM, start, str(len(self.lists)), source=place)
        for group in groups:
            cell = self.printed.length
            self._run(*group, call, depth + 1)
            self.mark(M.CELL, cell)
            self.add("\n", token, call)
        self.mark(M.CUT, self.printed.length)
        return groups[-1][1] + 1

    def _styled(
        self,
        name: str,
        groups: list[tuple[int, int]],
        after: int,
        call: Call | None,
        depth: int,
    ) -> int:
        """A command that changes how its argument looks, or is not known."""
        start = self.printed.length
        if name == "bibinfo" and len(groups) > 1:
            self._run(*groups[1], call, depth + 1)
            self.mark(M.FIELD, start, self.source.raw(groups[0]).strip())
            return after
        if name in names.FIRST_DROPPED:
            self._run(*groups[-1], call, depth + 1)
            return after
        self._run(*groups[0], call, depth + 1)
        if name in names.EMPHASIS or name in names.BOLD:
            self.mark(M.BOLD if name in names.BOLD else M.EMPHASIS, start)
        return groups[0][1] + 1


def _switch(name: str) -> M | None:
    """What a command sets from where it stands to the end of its group."""
    if name in names.SWITCHES:
        return M.EMPHASIS
    return M.BOLD if name in names.BOLD_SWITCHES else None
