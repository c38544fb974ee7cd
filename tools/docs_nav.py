"""The navigation of the documentation site: every page of every folder, in reading order.

What belongs here: that order. A page needs no entry of its own: it comes under its folder, by the name of its
file, with its heading as its title. mkdocs calls :func:`on_config` (``hooks`` in ``mkdocs.yml``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

SECTIONS = {
    "tutorial": "Tutorial",
    "how-to": "How to",
    "reference": "Reference",
    "explanation": "Explanation",
    "decisions": "Decisions",
    "development": "Development",
}


def navigation(docs: Path) -> list[dict[str, Any]]:
    """Return mkdocs' ``nav`` for a folder of pages. A section's README.md or index.md comes first."""
    nav: list[dict[str, Any]] = [{"MBR": "index.md"}]
    for folder, title in SECTIONS.items():
        pages = sorted((docs / folder).rglob("*.md"), key=lambda page: (_is_detail(page), page))
        if pages:
            nav.append({title: [page.relative_to(docs).as_posix() for page in pages]})
    return nav


def _is_detail(page: Path) -> bool:
    return page.stem not in ("README", "index")


def on_config(config: Any) -> Any:
    """Set the navigation from the folders as they are."""
    config["nav"] = navigation(Path(config["docs_dir"]))
    return config
