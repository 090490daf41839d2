"""What a request to OpenAlex asks for: its price, filters, fields and page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from citewatch.sandbox.openalex_meter import COSTS
from citewatch.sandbox.openalex_rows import FIELDS

VALUES_LIMIT = 100
PER_PAGE = 25
PER_PAGE_LIMIT = 200
"""100 by the documents; up to 200 is still let through."""
WINDOW = 10_000
PARAMETERS = (
    "api_key",
    "corpus",
    "cursor",
    "filter",
    "include_xpac",
    "mailto",
    "page",
    "per-page",
    "per_page",
    "q",
    "search",
    "search.exact",
    "search.semantic",
    "search.title",
    "select",
    "sort",
)
SCHEMES = {
    "doi": "doi",
    "ids.doi": "doi",
    "openalex": "openalex",
    "openalex_id": "openalex",
    "ids.openalex": "openalex",
    "pmid": "pmid",
    "ids.pmid": "pmid",
    "mag": "mag",
    "ids.mag": "mag",
    "locations.landing_page_url": "page",
}
"""Filters on identifiers, and what they look in."""
SEARCHES = ("title.search", "display_name.search", "title_and_abstract.search", "default.search")
CITES = "cites"
SPANS = ("from_publication_date", "to_publication_date")
FACTS = ("type", "publication_year", "is_retracted", "is_xpac", "has_doi")
_FILTERS = (*SCHEMES, *SEARCHES, *FACTS, CITES, *SPANS)
_SINGLE = re.compile(r"W?\d+|(?:doi|pmid|pmcid|mag|openalex):.+", re.IGNORECASE | re.DOTALL)
_PAID = re.compile(r"\b(?:from|to)_(?:created|updated)_date\b")
_DOI_PREFIX = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)", re.IGNORECASE)
_NUMBER = re.compile(r"(?:https?://openalex\.org/(?:works/)?)?W?(\d+)", re.IGNORECASE)


class BadQuestion(Exception):
    """A request that is answered by 400; the text is the message of the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The part of a list that is wanted."""

    per_page: int
    offset: int
    number: int | None
    """None with a cursor."""


def cost_of(path: str, query: Mapping[str, str]) -> int:
    """Credits for a request.

    A work asked for by URL is answered as one, but priced as a list: only the short forms
    are recognised as single.
    """
    parts = path.strip("/").split("/", 1)
    if parts[0] != "works":
        return 0
    if len(parts) == 2:
        return 0 if _SINGLE.fullmatch(parts[1]) else COSTS["list"]
    if any(name == "search" or name.startswith("search.") for name in query):
        return COSTS["search"]
    return COSTS["search" if ".search:" in query.get("filter", "") else "list"]


def is_paid(query: Mapping[str, str]) -> bool:
    """Whether a filter or sort belongs to a paid plan."""
    return any(_PAID.search(query.get(name, "")) for name in ("filter", "sort"))


def identifier(text: str) -> tuple[str, str] | None:
    """(scheme, value) of the last part of the path of a single look-up."""
    found = _NUMBER.fullmatch(text)
    if found:
        return "openalex", found[1]
    if _DOI_PREFIX.match(text):
        return "doi", bare_doi(text)
    scheme, colon, value = text.partition(":")
    if not colon:
        return None
    return scheme.lower(), value.upper().removeprefix("W") if scheme == "openalex" else value


def bare_doi(text: str) -> str:
    """A DOI without its prefix and in lower case."""
    return _DOI_PREFIX.sub("", text.strip(), count=1).lower()


def value_of(scheme: str, text: str) -> str:
    """A filter value in the form in which works are indexed."""
    if scheme == "doi":
        return bare_doi(text)
    if scheme == "openalex":
        found = _NUMBER.fullmatch(text.strip())
        return found[1] if found else text
    return text.strip()


def filters(text: str | None) -> list[tuple[str, list[str]]]:
    """(name, values) of each filter. A comma ends a filter and a bar a value, also in a title.

    Raises BadQuestion.
    """
    found = []
    for part in text.split(",") if text else ():
        name, colon, rest = part.partition(":")
        name = name.strip()
        if not colon:
            raise BadQuestion(f"{part} is not a valid filter: write filter=name:value.")
        if name not in _FILTERS:
            known = ", ".join(_FILTERS)
            raise BadQuestion(f"{name} is not a valid field. Valid fields are: {known}.")
        values = rest.split("|")
        if len(values) > VALUES_LIMIT:
            raise BadQuestion(
                f"Maximum number of values exceeded for {name}. "
                f"Decrease values to {VALUES_LIMIT} or below."
            )
        found.append((name, values))
    return found


def selected(text: str | None) -> tuple[str, ...]:
    """The fields of ``select``, all without it. Only root fields; raises BadQuestion."""
    if not text:
        return FIELDS
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in names:
        if name not in FIELDS:
            raise BadQuestion(
                f"{name} is not a valid select field. "
                f"Valid fields for select are: {', '.join(FIELDS)}."
            )
    return names


def check_parameters(query: Mapping[str, str]) -> None:
    """Raises BadQuestion for a parameter that does not exist."""
    for name in query:
        if name not in PARAMETERS:
            known = ", ".join(PARAMETERS)
            raise BadQuestion(f"{name} is not a valid parameter. Valid parameters are: {known}.")


def page_of(query: Mapping[str, str]) -> Page:
    """The wanted page. Raises BadQuestion."""
    per_page = _whole(query.get("per_page", query.get("per-page")), "per_page", PER_PAGE)
    if not 1 <= per_page <= PER_PAGE_LIMIT:
        raise BadQuestion("per_page parameter must be between 1 and 100")
    if (cursor := query.get("cursor")) is not None:
        if "page" in query:
            raise BadQuestion("cursor and page cannot be used together")
        return Page(per_page=per_page, offset=_place(cursor), number=None)
    number = _whole(query.get("page"), "page", 1)
    if number < 1:
        raise BadQuestion("page parameter must be at least 1")
    if number * per_page > WINDOW:
        raise BadQuestion(f"Maximum results size of {WINDOW} records is exceeded. Use a cursor.")
    return Page(per_page=per_page, offset=(number - 1) * per_page, number=number)


def cursor_at(place: int) -> str:
    """The cursor that goes on at a place of a list."""
    return f"bWFkZVVw{place:08x}"


def _place(cursor: str) -> int:
    if cursor == "*":
        return 0
    found = re.fullmatch(r"bWFkZVVw([0-9a-f]{8})", cursor)
    if not found:
        raise BadQuestion(f"{cursor} is not a valid cursor")
    return int(found[1], 16)


def _whole(text: str | None, name: str, default: int) -> int:
    if text is None:
        return default
    if not re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
        raise BadQuestion(f"{name} parameter must be a whole number")
    return int(text)
