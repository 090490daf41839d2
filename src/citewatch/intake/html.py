"""Publication lists in HTML: homepages, and Google Scholar profiles as saved from a browser."""

from __future__ import annotations

from citewatch.intake.document import Document
from citewatch.intake.html_tree import html_tree
from citewatch.intake.structured import read_tree
from citewatch.ports import PublicationList


def read_html(document: Document) -> PublicationList:
    """Read a page; scripts, styles, comments and hidden parts are no part of it.

    Raises ListError when it holds no paper.
    """
    return read_tree(html_tree(document.text), document)
