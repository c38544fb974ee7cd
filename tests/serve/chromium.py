"""The page in a real Chromium.

Belongs here: starting it, signing in, what every page must keep to. Does not: what a page shows.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, sync_playwright

from mbr_pipeline.serve.site import Site


@contextmanager
def opened(site: Site, address: str, **how: Any) -> Iterator[Page]:
    """Open the page by the one-time link, as in :func:`browsing`."""
    with browsing(address, **how) as page:
        page.goto(f"{address}/open/{site.link}")
        yield page


@contextmanager
def browsing(address: str, **how: Any) -> Iterator[Page]:
    """Open a browser; at the end, nothing was refused by the policy of any page, no script failed, and no
    other host was asked.

    ``how``: what Playwright's ``new_context`` takes, such as ``java_script_enabled``, ``viewport``,
    ``color_scheme``.
    """
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "Chromium is missing: apt-get install chromium"
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found)
        context = browser.new_context(**how)
        context.set_default_timeout(15_000)
        _watch(context, address, wrong)
        page = context.new_page()
        yield page
        context.close()
        browser.close()
    assert wrong == []


def _watch(context: BrowserContext, address: str, wrong: list[str]) -> None:
    context.on("request", lambda r: None if r.url.startswith((address, "data:")) else wrong.append(r.url))
    context.on("weberror", lambda e: wrong.append(str(e.error)))
    # every answer that is no success, or that never came, is reported: tests ask for those on purpose
    meant = ("Failed to load resource", "htmx:sendError", "htmx:afterRequest")
    context.on(
        "console",
        lambda m: (
            wrong.append(m.text) if m.type == "error" and not any(each in m.text for each in meant) else None
        ),
    )


def faults_of(page: Page) -> list[str]:
    """Return the faults that axe-core finds on the page, in words; small ones are none."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['target']}"
        for each in found
        if each["impact"] in ("moderate", "serious", "critical")
        for node in each["nodes"]
    ]
