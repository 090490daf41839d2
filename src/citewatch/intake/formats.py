"""Which format a publication list is in, and who reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from citewatch.intake.document import Document
from citewatch.intake.reader import read_text
from citewatch.ports import PublicationList

Reader: TypeAlias = Callable[[Document], PublicationList]


def _read_plain(document: Document) -> PublicationList:
    return read_text(document.text, file=str(document.path))


READERS: Mapping[str, Reader] = {
    "text": _read_plain,
}
"""By format. Each reader is a pure function of the document: it opens no other file, and every
entry and badge that it gives has its place in ``document.text``."""
