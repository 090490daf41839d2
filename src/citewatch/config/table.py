"""Reading one table key by key: what is asked for is what is valid.

The readers of `sections` and `watchlists` are the schema. Each key they take is known
from then on, also as an environment variable; `Table.close` reports the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from citewatch.config.problems import BadValue, Place, Problems, closest, dotted, nearest, shown
from citewatch.config.readers import Reader

T = TypeVar("T")

PREFIX = "CITEWATCH_"
_NOT_A_TABLE = "must be a table with keys of its own, not "


def variable_name(place: Place) -> str:
    """``CITEWATCH_SOURCES__ARXIV__BASE_URL`` for sources.arxiv.base_url."""
    parts = (re.sub(r"[^A-Z0-9]", "_", str(part).upper()) for part in place)
    return PREFIX + "__".join(parts)


@dataclass(slots=True)
class Overrides:
    """What the environment says about keys of config.toml.

    A variable counts when it begins with ``CITEWATCH_``, has two underscores in a
    row further on, is not empty, and no ``*_env`` key names it.
    """

    values: dict[str, str]
    places: dict[str, Place] = field(default_factory=dict)
    """Variables that may be set, with the key that each overrides."""
    refused: dict[str, str] = field(default_factory=dict)
    """Variables of keys that cannot be overridden, with the reason."""

    @classmethod
    def of(cls, environ: Mapping[str, str], data: Mapping[str, object]) -> Overrides:
        """Pick the variables that are meant as overrides."""
        found = {
            name: text
            for name, text in environ.items()
            if name.startswith(PREFIX) and "__" in name and text
        }
        named = set(_named_variables(data))
        named.update(text for name, text in found.items() if name.endswith("_ENV"))
        return cls({name: text for name, text in found.items() if name not in named})

    def pick(self, place: Place, problems: Problems) -> tuple[str, str] | None:
        """The variable for this key and its text, if it is set."""
        name = variable_name(place)
        other = self.places.setdefault(name, place)
        if name not in self.values:
            return None
        if other != place:
            problems.add_variable(name, f"could mean {dotted(other)} or {dotted(place)}")
            return None
        return name, self.values[name]

    def report_unknown(self, problems: Problems) -> None:
        """Name every variable that overrides nothing."""
        for name in self.values:
            if name in self.places:
                continue
            reason = self.refused.get(name)
            if reason is None:
                valid = [place.removeprefix(PREFIX) for place in self.places]
                close = closest(name.removeprefix(PREFIX), valid)
                reason = "overrides no key of config.toml"
                reason += f"; did you mean {PREFIX}{close}?" if close else ""
            problems.add_variable(name, reason)


def _named_variables(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, str) and key.endswith("_env"):
                yield inner
            else:
                yield from _named_variables(inner)


@dataclass(slots=True)
class Table:
    """One table of the file while it is read."""

    data: Mapping[str, object]
    place: Place
    problems: Problems
    overrides: Overrides | None
    """None inside arrays: what stands there has no variable."""
    known: set[str] = field(default_factory=set)

    def take(self, key: str, reader: Reader[T], default: T) -> T:
        """The value of a key, ``default`` when it is absent or wrong."""
        self.known.add(key)
        value = default
        if key in self.data:
            try:
                value = reader.read(self.data[key])
            except BadValue as bad:
                self.problems.add((*self.place, key), str(bad))
        return value if self.overrides is None else self._override(key, reader, value)

    def _override(self, key: str, reader: Reader[T], value: T) -> T:
        place = (*self.place, key)
        if self.overrides is None:
            return value
        if reader.of_text is None:
            self.refuse(key, f"{dotted(place)} is not a single value: set it in config.toml")
            return value
        found = self.overrides.pick(place, self.problems)
        if found is None:
            return value
        name, text = found
        try:
            return reader.of_text(text)
        except BadValue as bad:
            self.problems.add_variable(name, str(bad))
            return value

    def refuse(self, key: str, reason: str) -> None:
        """No variable sets this key."""
        if self.overrides is not None:
            self.overrides.refused[variable_name((*self.place, key))] = reason

    def forbid(self, key: str, reason: str) -> None:
        """A key that must not be there, with a better reason than "unknown"."""
        if key in self.data:
            self.known.add(key)
            self.problems.add((*self.place, key), reason)
        self.refuse(key, reason)

    def child(self, key: str) -> Table:
        """The table under a key; an empty one when it is absent or no table."""
        self.known.add(key)
        place = (*self.place, key)
        value = self.data.get(key, {})
        if not isinstance(value, dict):
            self.problems.add(place, _NOT_A_TABLE + shown(value))
            value = {}
        return Table(value, place, self.problems, self.overrides)

    def children(self) -> Iterator[tuple[str, Table]]:
        """Every table in here under its own name, in the order of the file."""
        for key in self.data:
            yield key, self.child(key)

    def items(self, key: str) -> Iterator[Table]:
        """The tables of the array under a key, in order."""
        self.known.add(key)
        self.refuse(key, f"{dotted((*self.place, key))} is an array: set it in config.toml")
        value = self.data.get(key, [])
        place = (*self.place, key)
        if not isinstance(value, list):
            self.problems.add(place, f"must be an array of tables, not {shown(value)}")
            return
        for position, item in enumerate(value):
            if isinstance(item, dict):
                yield Table(item, (*place, position), self.problems, None)
            else:
                self.problems.add((*place, position), _NOT_A_TABLE + shown(item))

    def close(self) -> None:
        """Report the keys that nobody asked for."""
        if self.data.keys() <= self.known:
            return
        for key in self.data:
            if key not in self.known:
                self.problems.add((*self.place, key), f"unknown key{nearest(key, self.known)}")
