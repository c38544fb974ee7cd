"""Parts of a rendered page.

Belongs here: what the tests of the page share. Does not: expectations.
"""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """The page as a browser's parser sees it: elements with attributes, and the text without style."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._in_style = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._in_style = tag == "style"

    def handle_endtag(self, tag):
        self._in_style = False
        if tag in ("td", "th", "li", "span", "dd", "dt"):
            self.words.append(" ")

    def handle_data(self, data):
        if not self._in_style:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def section(html: str, heading: str) -> str:
    """The text between one h2 and the next."""
    start = html.index(f'<h2 id="{heading}">')
    end = html.find("<h2 ", start + 1)
    return Page(html[start : end if end > 0 else len(html)]).text
