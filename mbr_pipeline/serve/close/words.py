"""What the page calls what must hold, and where a month goes.

What belongs here: words as data. What does not: whether something holds
(``mbr_pipeline.release.conditions``).
"""

from __future__ import annotations

from mbr_pipeline.release.conditions import Name

CONDITIONS: dict[Name, tuple[str, str]] = {
    "gate": ("The gate passed", "Every control and every check of the last run held."),
    "inputs": (
        "Nothing newer is there",
        "No file, rule, setting or decision changed since the last run.",
    ),
    "tables": ("The audited tables are unchanged", "They are, byte for byte, what the gate looked at."),
    "published": ("What is published is what was audited", "What goes out is what was checked."),
    "run_again": ("It was run since it was opened again", "A new version needs a new run."),
    "pending": (
        "No decision waits for a second person",
        "All are confirmed or refused.",
    ),
    "held": ("Every client may be invoiced", "Or is left out by name, with a reason."),
}
"""A title and a sentence for each condition."""

TARGETS: dict[str, tuple[str, str]] = {
    "xero": ("Xero", "sales invoices, to import"),
    "quickbooks": ("QuickBooks Online", "invoices, to import"),
    "csv": ("CSV", "all ready lines with decision and description"),
    "xlsx": ("Excel", "all ready lines with decision and description"),
    "psa": ("PSA", "agreement quantities to change"),
    "claims": ("Vendor claims", "what vendors are to be asked for, a file for each"),
    "focus": ("FOCUS", "the vendors' charges with the client as a tag"),
}
"""A name and what it gets, for each target of an export."""

OPTIONS: dict[str, tuple[str, str]] = {
    "full": ("Everything", "not only what differs from the version that went out before"),
    "all": ("All changes", "those too that nobody approved"),
}
"""A name and what it means, for each option of an export."""
