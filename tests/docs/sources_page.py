"""The page ``docs/reference/sources.md``, written from the declarations: ``python -m
tests.docs.sources_page`` after a wanted change.

Belongs here: its words and layout. What is true of a source stands in its declaration.
"""

from __future__ import annotations

from pathlib import Path

from connectors.registry import SPECS
from connectors.spec import Feed, SourceSpec
from mbr_pipeline.workspace.credentials import variable

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "sources.md"

_OPENING = """\
# Sources

The systems that `mbr fetch` reads, as they are declared in `connectors/`. How to use one:
[fetch from your systems](../how-to/fetch-from-your-systems.md). How to add one:
[add a source](../how-to/add-a-source.md).

Every source passes the same conformance suite (`connectors/testing/`): canonical books go into a fake vendor
written from the vendor's document, and must come out again; {behaviours} hostile behaviours must end with
everything or with a clear failure. Where the vendor publishes an OpenAPI document, openapi-core holds
both sides to it. None of the sources has been run against the vendor's production system by us: what
a document does not say is marked *believed*.

`connector` is what `mbr.yml` says; settings stand under `settings:` of the source. Credentials are
environment variables; `<MSP>` and `<SOURCE>` are the names in `mbr.yml`, in capitals. Every source has the
settings `proxy` and `ca_file` as well:
[proxy and certificates](workspace-and-settings.md#proxy-and-certificates).
"""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _feed(feed: Feed) -> str:
    endpoints = " · ".join(dict.fromkeys(endpoint.name for endpoint in feed.endpoints))
    permissions = " · ".join(
        dict.fromkeys(endpoint.permission for endpoint in feed.endpoints if endpoint.permission)
    )
    return (
        f"| `{feed.dataset}` | {endpoints} | {'today, day by day' if feed.is_snapshot else 'the month'} |"
        f" {_cell(permissions)} |"
    )


def _source(spec: SourceSpec) -> list[str]:
    rate = f"At most {spec.rate.requests} requests in {spec.rate.seconds} s."
    lines = [f"## {spec.title}", "", f"`connector: {spec.name}`. {spec.doc}", rate, ""]
    lines += ["| dataset | from | of | permission |", "|---|---|---|---|", *map(_feed, spec.feeds), ""]
    lines += ["| setting | default | meaning |", "|---|---|---|"]
    for setting in spec.settings:
        choices = f" ({', '.join(f'`{choice}`' for choice in setting.choices)})" if setting.choices else ""
        default = (
            "required" if setting.default is None else f"`{setting.default}`" if setting.default else "empty"
        )
        lines.append(f"| `{setting.name}` | {default} | {_cell(setting.doc)}{choices} |")
    lines += ["", "| environment variable | meaning |", "|---|---|"]
    for credential in spec.credentials:
        lines.append(
            f"| `{variable('M', 'S', credential.name).replace('_M_S_', '_<MSP>_<SOURCE>_')}` |"
            f" {_cell(credential.doc)} |"
        )
    lines += ["", "| what | checked against |", "|---|---|"]
    for checked in spec.checked:
        lines.append(
            f"| {_cell(checked.what)} |"
            f" {'*believed*: ' if checked.is_believed else ''}{_cell(checked.document)} |"
        )
    return [*lines, ""]


def render(behaviours: int) -> str:
    """Return the page."""
    specs = sorted(SPECS, key=lambda spec: spec.title.lower())
    overview = ["| system | connector | datasets |", "|---|---|---|"]
    for spec in specs:
        anchor = spec.title.lower().replace(" ", "-")
        anchor = "".join(c for c in anchor if c.isalnum() or c in "-_")
        overview.append(
            f"| [{spec.title}](#{anchor}) | `{spec.name}` |"
            f" {', '.join(f'`{name}`' for name in spec.datasets)} |"
        )
    lines = [_OPENING.format(behaviours=behaviours), *overview, ""]
    for spec in specs:
        lines += _source(spec)
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    """Write the page."""
    from connectors.testing.hostile import BEHAVIOURS

    PAGE.write_text(render(len(BEHAVIOURS)), encoding="utf-8")


if __name__ == "__main__":
    main()
