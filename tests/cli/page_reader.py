"""An HTML page as a browser and a screen reader take it: its elements, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "input", "hr", "wbr"}


@dataclass
class Element:
    """One element, its attributes, and the text right inside it and below."""

    name: str
    attributes: dict[str, str]
    parent: Element | None = None
    children: list[Element] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())

    def all(self, name: str) -> list[Element]:
        """Everything below that has this name."""
        found = []
        for child in self.children:
            found += [child] if child.name == name else []
            found += child.all(name)
        return found

    def has(self, word: str) -> bool:
        """Whether it is of this class."""
        return word in self.attributes.get("class", "").split()


class Page(HTMLParser):
    """A page whose elements are all closed, in order; else an AssertionError."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = self.root
        self.feed(text)
        self.close()
        assert self.open is self.root, f"not closed: {self.open.name}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice in {tag}"
        element = Element(tag, {name: value or "" for name, value in attrs}, parent=self.open)
        self.open.children.append(element)
        if tag not in VOID:
            self.open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.name == tag, f"{tag} closes {self.open.name}"
        assert self.open.parent is not None
        self.open = self.open.parent

    def handle_data(self, data: str) -> None:
        at: Element | None = self.open
        while at is not None:
            at.texts.append(data)
            at = at.parent

    def all(self, name: str) -> list[Element]:
        return self.root.all(name)

    def everything(self) -> list[Element]:
        """Every element."""
        left, found = [self.root], []
        while left:
            element = left.pop()
            found.append(element)
            left += element.children
        return found[1:]
