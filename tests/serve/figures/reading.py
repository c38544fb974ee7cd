"""What a page says in figures, place by place.

Belongs here: taking a page apart: every text with a digit in it, and where it stands. Does not: what the
figures should be.

A place is ``table | row | column`` of a cell, as headers say, the row of a finding by its id; else the tag,
of a fact with its title. Dates and months (written DATE) are no figures, nor are ids, commands, keys and
names of files; texts of others (names, sentences, reasons) stand apart, to be held against what was published
word for word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"}
_BLOCKS = {
    "td", "th", "p", "li", "dd", "dt", "h1", "h2", "h3", "label", "button", "summary", "caption", "legend",
    "option", "nav", "div", "form", "section",
}  # fmt: skip
_NO_FIGURES = {"script", "style", "code", "pre", "time", "textarea", "svg", "kbd"}
_DATE = re.compile(r"\b\d{4}-\d{2}(?:-\d{2})?(?: \d{2}:\d{2}(?: UTC)?)?\b")


@dataclass(eq=False)
class Node:
    """An element, its text and children in order."""

    tag: str
    of: dict[str, str]
    parent: Node | None = None
    parts: list[Node | str] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return self.of.get("class", "").split()

    def all(self, *tags: str) -> list[Node]:
        """Return the elements below it of these tags, in order."""
        found = []
        for part in self.parts:
            if isinstance(part, Node):
                found += [part] if part.tag in tags else []
                found += part.all(*tags)
        return found

    @property
    def text(self) -> str:
        """All that it says, as one line."""
        said = " ".join(part if isinstance(part, str) else part.text for part in self.parts)
        return " ".join(said.split())


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.top = self.at = Node("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Node(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.parts.append(made)
        if tag not in _VOID:
            self.at = made

    def handle_endtag(self, tag: str) -> None:
        at = self.at
        while at.parent is not None and at.tag != tag:
            at = at.parent
        if at.parent is not None:
            self.at = at.parent

    def handle_data(self, data: str) -> None:
        self.at.parts.append(data)


@dataclass
class Said:
    """What a page says.

    Attributes:
        figures: Each text with a figure in it, and its place, in order.
        words: Texts of others with a digit in them.
        pictures: The figures of each picture, in order.
    """

    figures: list[tuple[str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    pictures: list[list[str]] = field(default_factory=list)


def said_on(page: str) -> Said:
    """Take a page apart, from its heading on."""
    tree = _Tree()
    tree.feed(page)
    [main] = tree.top.all("main")
    said = Said()
    _walk(main, said)
    said.pictures = [_of_picture(each) for each in main.all("svg")]
    return said


def _of_picture(svg: Node) -> list[str]:
    texts = [each.text for each in svg.all("text", "desc", "title") if "axis" not in each.classes]
    return [text for text in texts if has_figure(text)]


def has_figure(text: str) -> bool:
    return bool(re.search(r"\d", _DATE.sub("", text)))


def _walk(block: Node, said: Said) -> None:
    """Tell the text of a block without the blocks in it, then those."""
    own, inner = list[str](), list[Node]()
    _own(block, own, inner, said)
    text = " ".join(" ".join(own).split())
    if has_figure(text):
        said.figures.append((_place(block), _DATE.sub("DATE", text)))
    for each in inner:
        _walk(each, said)


def _own(node: Node, own: list[str], inner: list[Node], said: Said) -> None:
    for part in node.parts:
        if isinstance(part, str):
            own.append(part)
        elif part.tag in _NO_FIGURES or "id" in part.classes or "record" in part.classes:
            continue
        elif part.tag == "bdi":
            if has_figure(part.text):
                said.words.append(part.text)
        elif part.tag in _BLOCKS or part.tag == "table":
            inner.append(part)
        else:
            _own(part, own, inner, said)


def _place(block: Node) -> str:
    if block.tag in ("td", "th"):
        row, table = _up(block, "tr"), _up(block, "table")
        assert row is not None and table is not None
        cells = [each for each in row.parts if isinstance(each, Node) and each.tag in ("td", "th")]
        at = sum(int(each.of.get("colspan", "1")) for each in cells[: cells.index(block)])
        heads = [each for each in table.all("th") if each.of.get("scope") == "col"]
        column = heads[at].text if at < len(heads) else ""
        first = next((each for each in cells if each.of.get("scope") == "row"), None)
        link = next(
            (a.of["href"].partition("?")[0] for a in row.all("a") if "/findings/" in a.of["href"]), ""
        )
        name = link.rpartition("/")[2] or (first.text if first else "")
        return f"{_title(table)} | {name} | {column}"
    if block.tag == "dd":
        assert block.parent is not None
        return f"dd {next(each.text for each in block.parent.all('dt'))}"
    return block.tag


def _title(table: Node) -> str:
    box = table.parent
    return (box.of.get("aria-label") or box.of.get("aria-labelledby") or "") if box is not None else ""


def _up(node: Node | None, tag: str) -> Node | None:
    while node is not None and node.tag != tag:
        node = node.parent
    return node
