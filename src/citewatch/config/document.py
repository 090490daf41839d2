"""A TOML text that is edited by splicing, and the values it is then meant to hold."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence

from citewatch.config.positions import SKIP, Form, Spot, spots_of
from citewatch.config.problems import Place, dotted
from citewatch.config.writing import Items, inline_table, pairs, toml_key, toml_string
from citewatch.errors import InputError

_REST_OF_LINE = re.compile(r"[ \t]*(,?)[ \t]*(?:#[^\n]*|\r)?(?:\n|\Z)")
_BLANKS = re.compile(r"[ \t]*")


class Document:
    """One text, opened for edits of single places that do not overlap."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.nl = "\r\n" if "\r\n" in text[: text.find("\n") + 1] else "\n"
        try:
            self.data: dict[str, object] = tomllib.loads(text.removeprefix("\ufeff"))
        except (ValueError, RecursionError) as error:
            raise InputError(f"config.toml is not valid TOML: {error}") from None
        spots = spots_of(text, self.data)
        if spots is None:
            raise _cannot("config.toml")
        self.spots = spots
        self.splices: list[tuple[int, int, str]] = []

    def finish(self) -> str:
        """The new text, checked to hold exactly what was meant."""
        pieces: list[str] = []
        kept = 0
        for start, end, new in sorted(self.splices, key=lambda splice: splice[0]):
            pieces += [self.text[kept:start], new]
            kept = end
        text = "".join([*pieces, self.text[kept:]])
        try:
            right = tomllib.loads(text.removeprefix("\ufeff")) == self.data
        except ValueError:
            right = False
        if not right:
            raise _cannot("config.toml")
        return text

    # --- looking -----------------------------------------------------------------

    def value(self, place: Place) -> object:
        """What stands at a place, None when nothing does."""
        value: object = self.data
        for part in place:
            if isinstance(value, dict) and isinstance(part, str):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int):
                value = value[part]
            else:
                return None
        return value

    def table(self, *place: str) -> dict[str, object] | None:
        """The table at a place; None when there is none."""
        table = self.data
        for length, key in enumerate(place, 1):
            value = table.get(key)
            if value is None:
                return None
            if not isinstance(value, dict):
                raise _cannot(dotted(place[:length]))
            table = value
        return table

    def is_inline(self, place: Place) -> bool:
        """Whether the table is written as ``{ … }``."""
        return place in self.spots and self.spots[place].form is Form.INLINE

    def _list(self, place: Place) -> list[object]:
        value = self.value(place)
        if not isinstance(value, list):
            raise _cannot(dotted(place))
        return value

    def _last_end(self, place: Place) -> int:
        """Behind everything that belongs to a place, tables under it included."""
        length = len(place)
        return max(spot.end for at, spot in self.spots.items() if at[:length] == place)

    # --- adding ------------------------------------------------------------------

    def append_tables(self, place: Place, rows: Sequence[Items]) -> None:
        """Add tables at the end of an array, in the way in which it is written."""
        spot = self.spots.get(place)
        if spot is not None and spot.form is Form.HEADERS:
            self._append_blocks(place, rows)
        else:
            self._append(place, [inline_table(row) for row in rows], one_line=False)
        self._remember(place, [dict(row) for row in rows])

    def append_text(self, place: Place, text: str) -> None:
        """Add a text at the end of an array."""
        self._append(place, [toml_string(text)], one_line=True)
        self._remember(place, [text])

    def _remember(self, place: Place, values: list[object]) -> None:
        table = self.value(place[:-1])
        if isinstance(table, dict):
            table[place[-1]] = [*table.get(place[-1], []), *values]

    def _append(self, place: Place, items: Sequence[str], *, one_line: bool) -> None:
        spot = self.spots.get(place)
        if spot is None:
            inner = ", ".join(items) if one_line else self.nl + self._rows(items, "  ")
            self._put_key(place, f"[{inner}]")
        elif spot.form is not Form.ARRAY:
            raise _cannot(dotted(place))
        elif one_line and "\n" not in self.text[spot.start : spot.end]:
            self._extend_line(spot, items, count=len(self._list(place)), place=place)
        else:
            self._extend_block(spot, items, count=len(self._list(place)), place=place)

    def _rows(self, items: Sequence[str], indent: str) -> str:
        return "".join(f"{indent}{item},{self.nl}" for item in items)

    def _behind_items(self, spot: Spot, count: int, place: Place) -> tuple[int, bool]:
        """Where new items of an array go, and whether a comma must come first."""
        if not count:
            return spot.start + 1, False
        last = self.spots[*place, count - 1].end
        comma = self._comma_after(last)
        return (last, True) if comma is None else (comma + 1, False)

    def _comma_after(self, offset: int) -> int | None:
        found = SKIP.match(self.text, offset)
        at = found.end() if found else offset
        return at if self.text.startswith(",", at) else None

    def _extend_line(self, spot: Spot, items: Sequence[str], *, count: int, place: Place) -> None:
        at, comma = self._behind_items(spot, count, place)
        self.splices.append((at, at, (", " if comma else " " if count else "") + ", ".join(items)))

    def _extend_block(self, spot: Spot, items: Sequence[str], *, count: int, place: Place) -> None:
        at, comma = self._behind_items(spot, count, place)
        outer = self._indent(spot.at)
        indent = f"{outer}  "
        if count:
            last = self.spots[*place, count - 1]
            own = self._indent(last.start)
            if self.text.endswith(f"\n{own}", 0, last.start):
                indent = own
        rows = self._rows(items, indent)
        if comma:
            self.splices.append((at, at, ","))
        closing = spot.end - 1
        if "\n" in self.text[at:closing]:
            line = self.text.rfind("\n", at, closing) + 1
            self.splices.append((line, line, rows))
        else:
            self.splices.append((at, closing, f"{self.nl}{rows}{outer}"))

    def _indent(self, offset: int) -> str:
        """The blanks at the beginning of the line that holds ``offset``."""
        line = self.text.rfind("\n", 0, offset) + 1
        found = _BLANKS.match(self.text, line)
        return found[0] if found else ""

    def _append_blocks(self, place: Place, rows: Sequence[Items]) -> None:
        at = self._last_end((*place, len(self._list(place)) - 1))
        header = f"[[{toml_key(*map(str, place))}]]"
        lines = [line for row in rows for line in ("", header, *pairs(row))]
        self._insert_lines(at, lines)

    def _insert_lines(self, at: int, lines: Sequence[str]) -> None:
        lead = "" if at == 0 or self.text[at - 1] == "\n" else self.nl
        self.splices.append((at, at, lead + "".join(f"{line}{self.nl}" for line in lines)))

    def put_new(self, place: Place, written: str, value: object) -> None:
        """Add a key that is not there to a table that is."""
        self._put_key(place, written)
        table = self.value(place[:-1])
        if isinstance(table, dict):
            table[place[-1]] = value

    def _put_key(self, place: Place, written: str) -> None:
        table, key = place[:-1], str(place[-1])
        spot = self.spots[table]
        match spot.form:
            case Form.HEADER | Form.ELEMENT:
                self._insert_lines(spot.end, [f"{toml_key(key)} = {written}"])
            case Form.DOTTED:
                parts = (*(str(part) for part in table[len(spot.scope) :]), key)
                line = f"{toml_key(*parts)} = {written}"
                if self.spots[spot.scope].form is Form.INLINE:
                    self.splices.append((spot.end, spot.end, f", {line}"))
                else:
                    self._insert_lines(spot.end, [line])
            case Form.INLINE:
                self._put_into_inline(table, spot, f"{toml_key(key)} = {written}")
            case Form.IMPLIED:
                lines = ["", f"[{toml_key(*map(str, table))}]", f"{toml_key(key)} = {written}"]
                self._insert_lines(len(self.text), lines)
            case _:
                raise _cannot(dotted(place))

    def _put_into_inline(self, place: Place, spot: Spot, pair: str) -> None:
        table = self.value(place)
        if isinstance(table, dict) and table:
            at = max(self.spots[*place, key].end for key in table)
            self.splices.append((at, at, f", {pair}"))
        else:
            self.splices.append((spot.start, spot.end, f"{{ {pair} }}"))

    def put_first(self, place: Place, key: str, text: str) -> None:
        """Put a key in front of what a table of an array holds."""
        spot, pair = self.spots[place], f"{toml_key(key)} = {toml_string(text)}"
        value = self.value(place)
        if not isinstance(value, dict) or key in value:
            raise _cannot(dotted(place))
        if spot.form is Form.INLINE:
            at = spot.start + 1
            self.splices.append((at, at, f" {pair}," if value else f" {pair} "))
        else:
            self._insert_lines(spot.start, [pair])
        value[key] = text

    def put_value(self, place: Place, written: str, value: object) -> None:
        """Give a key of a table this value, in the place of what it holds."""
        spot, table = self.spots.get(place), self.value(place[:-1])
        if not isinstance(table, dict):
            raise _cannot(dotted(place))
        if spot is None:
            self._put_key(place, written)
        elif spot.form is Form.SCALAR:
            self.splices.append((spot.start, spot.end, written))
        else:
            raise _cannot(dotted(place))
        table[str(place[-1])] = value

    def put_section(
        self, header: str, lines: Sequence[str], *, place: Place, value: object
    ) -> None:
        """Add a section at the end of the text."""
        blank = [] if not self.text.strip("\ufeff") or self.text.endswith("\n\n") else [""]
        self._insert_lines(len(self.text), [*blank, header, *lines])
        table = self.data.setdefault(str(place[0]), {})
        if not isinstance(table, dict):
            raise _cannot(dotted(place[:1]))
        table[place[1]] = value

    # --- removing ----------------------------------------------------------------

    def remove_item(self, place: Place, position: int) -> None:
        """Take one item out of an array, with its line where it has one of its own."""
        items = self._list(place)
        if self.spots[place].form is Form.HEADERS:
            self._remove_block(place, position, only=len(items) == 1)
        else:
            self._remove_from_array(place, position)
            del items[position]

    def _remove_from_array(self, place: Place, position: int) -> None:
        spot = self.spots[*place, position]
        line = self.text.rfind("\n", 0, spot.start) + 1
        before = self.text[line : spot.start].strip(" \t")
        rest = _REST_OF_LINE.match(self.text, spot.end)
        comma = self._comma_after(spot.end)
        if rest is not None and self._owns_line(before, own_comma=bool(rest[1]), comma=comma):
            self.splices.append((line, rest.end(), ""))
        elif comma is not None:
            end = comma + 1
            while self.text[end : end + 1] in (" ", "\t"):
                end += 1
            self.splices += [(spot.start, spot.end, ""), (comma, end, "")]
        else:
            start = spot.start
            if position:
                earlier = self._comma_after(self.spots[*place, position - 1].end)
                if earlier is not None and not self.text[earlier + 1 : start].strip(" \t"):
                    start = earlier
            self.splices.append((start, spot.end, ""))

    @staticmethod
    def _owns_line(before: str, *, own_comma: bool, comma: int | None) -> bool:
        """Whether exactly one comma, or none where none is needed, goes with the line."""
        if before == ",":
            return not own_comma
        return not before and (own_comma or comma is None)

    def _remove_block(self, place: Place, position: int, *, only: bool) -> None:
        start = self.text.rfind("\n", 0, self.spots[*place, position].at) + 1
        end = self._last_end((*place, position))
        new = ""
        table = self.value(place[:-1])
        if only and isinstance(table, dict):
            if self.spots[place[:-1]].form is Form.IMPLIED:
                # Without this header the watchlist would vanish with its last paper.
                new = f"[{toml_key(*map(str, place[:-1]))}]{self.nl}"
            del table[place[-1]]
        else:
            del self._list(place)[position]
        blank = self.text.endswith(2 * self.nl, 0, start)
        if blank and self.text.startswith(self.nl, end):
            end += len(self.nl)
        self.splices.append((start, end, new))


def _cannot(what: str) -> InputError:
    return InputError(
        f"{what} cannot be edited without risk to the rest of the file; nothing was changed",
        remedy="make the change by hand in an editor",
    )
