"""Changes to the text of config.toml that leave every other byte alone.

Texts in, texts out; `files.write_config` stores them. Each edit splices new text in at
a place that `positions` found, reads the result back and compares it with what was
meant. (For 10,000 papers tomlkit needs 2.7 s to read alone; an edit here takes 1.1 s.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from citewatch.config.document import Document
from citewatch.config.problems import Place
from citewatch.config.readers import cleaned
from citewatch.config.watchlists import (
    bad_name,
    problems_of_page,
    problems_of_paper,
    read_claim,
)
from citewatch.config.writing import (
    Items,
    inline_table,
    page_items,
    paper_items,
    toml_key,
    toml_string,
)
from citewatch.domain.papers import LinkPage, Paper
from citewatch.errors import InputError, UnknownPaper


def add_papers(
    text: str,
    watchlist: str,
    papers: Sequence[Paper],
    *,
    pages: Sequence[LinkPage] = (),
    title: str | None = None,
) -> str:
    """The text with these papers (and pages of links) at the end of the watchlist.

    A watchlist that does not exist is begun at the end of the file, with ``title``.
    Raises `InputError` when a key is taken or the text cannot be edited.
    """
    document = Document(text)
    paper_rows = [paper_items(paper) for paper in papers]
    page_rows = [page_items(page) for page in pages]
    existing = document.table("watchlists", watchlist)
    _check(paper_rows, watchlist, _keys(existing))
    for row in page_rows:
        if problems := problems_of_page(row):
            raise InputError(f"links cannot be added: {'; '.join(problems)}")
    if existing is None:
        if bad := bad_name(watchlist):
            raise InputError(f"watchlist {watchlist!r}: {bad}")
        _begin(document, watchlist, paper_rows, pages=page_rows, title=title)
    else:
        place = ("watchlists", watchlist)
        for key, rows in (("papers", paper_rows), ("pages", page_rows)):
            if rows:
                document.append_tables((*place, key), rows)
    return document.finish()


def remove_paper(text: str, watchlist: str, key: str) -> str:
    """The text without the paper of this key; comments on lines of their own stay.

    Raises `UnknownPaper` when no paper under ``papers`` has the key.
    """
    document = Document(text)
    for position, paper in enumerate(_papers(document, watchlist)):
        if paper.get("key") == key:
            document.remove_item(("watchlists", watchlist, "papers"), position)
            return document.finish()
    raise UnknownPaper(key)


def ignore_key(text: str, watchlist: str, key: str) -> str:
    """The text with this key under the watchlist's ``ignore``; as it was if it is there."""
    document = Document(text)
    table = document.table("watchlists", watchlist)
    if table is None:
        raise _no_watchlist(watchlist)
    ignored = table.get("ignore", [])
    if isinstance(ignored, list) and key in ignored:
        return text
    document.append_text(("watchlists", watchlist, "ignore"), key)
    return document.finish()


def stop_ignoring(text: str, watchlist: str, key: str) -> str:
    """The text without this key under the watchlist's ``ignore``; as it was without one."""
    document = Document(text)
    table = document.table("watchlists", watchlist)
    ignored = table.get("ignore", []) if table is not None else []
    if not isinstance(ignored, list) or key not in ignored:
        return text
    document.remove_item(("watchlists", watchlist, "ignore"), ignored.index(key))
    return document.finish()


def give_keys(text: str, watchlist: str, keys: Mapping[int, str]) -> str:
    """The text with keys written into papers that have none, by position from 0."""
    document = Document(text)
    papers = _papers(document, watchlist)
    for position, key in sorted(keys.items()):
        if papers[position].get("key", ""):
            raise InputError(f"paper {position + 1} of {watchlist!r} has a key already")
        document.put_first(("watchlists", watchlist, "papers", position), "key", key)
    return document.finish()


def set_claims(text: str, watchlist: str, claims: Mapping[int, int]) -> str:
    """The text with these claims of papers, by position from 0; as it was where it says so.

    A claim keeps its form: ``"100+"`` becomes ``"400+"`` and 100 becomes 400.
    """
    document = Document(text)
    papers = _papers(document, watchlist)
    for position, claim in sorted(claims.items()):
        place = ("watchlists", watchlist, "papers", position, "claim")
        before = papers[position].get("claim")
        if isinstance(before, int) and not isinstance(before, bool):
            if before != claim:
                document.put_value(place, str(claim), claim)
            continue
        new = f"{claim}+"
        if before is None or read_claim(before) != claim:
            document.put_value(place, toml_string(new), new)
    return document.finish() if document.splices else text


def _papers(document: Document, watchlist: str) -> list[dict[str, object]]:
    table = document.table("watchlists", watchlist)
    if table is None:
        raise _no_watchlist(watchlist)
    papers = table.get("papers", [])
    return [p if isinstance(p, dict) else {} for p in papers] if isinstance(papers, list) else []


def _no_watchlist(name: str) -> InputError:
    return InputError(
        f"there is no watchlist {name!r} in config.toml",
        remedy="'citewatch list' shows the watchlists",
    )


def _keys(table: Mapping[str, object] | None) -> set[object]:
    papers = table.get("papers") if table else None
    if not isinstance(papers, list):
        return set()
    return {paper.get("key") for paper in papers if isinstance(paper, dict)}


def _check(rows: Sequence[Items], watchlist: str, taken: set[object]) -> None:
    """Nothing is written that the loader would refuse."""
    for row in rows:
        name = row.get("key") or row.get("title") or "a paper"
        if problems := problems_of_paper(row):
            raise InputError(f"{name!r} cannot be added: {'; '.join(problems)}")
        if (key := row.get("key")) is not None:
            if key in taken:
                raise InputError(f"{key!r} is already the key of a paper in {watchlist!r}")
            taken.add(key)


def _begin(
    document: Document,
    name: str,
    papers: Sequence[Items],
    *,
    pages: Sequence[Items],
    title: str | None,
) -> None:
    words = cleaned(title or "") or name
    values: dict[str, object] = {"title": words, "papers": [dict(row) for row in papers]}
    if pages:
        values["pages"] = [dict(row) for row in pages]
    place: Place = ("watchlists", name)
    named = f"title = {toml_string(words)}"
    if document.is_inline(("watchlists",)):
        flat = [named, f"papers = {_flat(papers)}"]
        flat += [f"pages = {_flat(pages)}"] if pages else []
        document.put_new(place, f"{{ {', '.join(flat)} }}", values)
        return
    lines = [named, *_array_lines("papers", papers)]
    if pages:
        lines += _array_lines("pages", pages)
    document.put_section(f"[{toml_key('watchlists', name)}]", lines, place=place, value=values)


def _flat(rows: Sequence[Items]) -> str:
    return f"[{', '.join(map(inline_table, rows))}]"


def _array_lines(key: str, rows: Sequence[Items]) -> list[str]:
    """``key = [``, one table a line, ``]``."""
    if not rows:
        return [f"{key} = []"]
    return [f"{key} = [", *(f"  {inline_table(row)}," for row in rows), "]"]
