"""Publication lists in Markdown: homepages, READMEs, tables of papers and counts."""

from __future__ import annotations

from citewatch.intake.document import Document
from citewatch.intake.markdown_tree import markdown_tree
from citewatch.intake.structured import read_tree
from citewatch.ports import PublicationList


def read_markdown(document: Document) -> PublicationList:
    """Read a Markdown file, HTML inside it included; comments and code are no part of it.

    Raises ListError when it holds no paper.
    """
    return read_tree(markdown_tree(document.text), document)
