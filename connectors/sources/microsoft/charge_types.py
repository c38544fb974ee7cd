"""The charge types of Microsoft's bills, old and new, and what each is.

What belongs here: their spelling, their category, and what they do to the number of seats. What
does not: the rest of a line (``lines``). Source: "Learn about the various charge types in Partner
Center reconciliation line items".
"""

from __future__ import annotations

from connectors.mapping import MappingError, Native

_CATEGORIES = {
    "recurring": (
        "new",
        "renew",
        "cycleCharge",
        "convert",
        "addQuantity",
        "removeQuantity",
        "cancel",
        "cancelImmediate",
        "Activation fee",
        "Cancel fee",
        "Cancel instance prorate",
        "Cycle fee",
        "Cycle instance prorate",
        "Prorate fees when cancel",
        "Prorate fees when convert away from current offering",
        "Prorate fees when convert to a new offering",
        "Prorate fees when purchase",
        "Prorate fee when renew",
        "Prorate fees when renew",
        "Prorate fees when activate",
        "Purchase fee",
        "Renew fee",
    ),
    "usage": ("Assess usage fee for current cycle", "Assess usage fee when cancel"),
    "credit": (
        "customerCredit",
        "Offset a line item",
        "Activation discount",
        "Cycle discount",
        "Renew discount",
        "Cancel discount",
    ),
}
_KNOWN = {name.lower(): (name, category) for category, names in _CATEGORIES.items() for name in names}
_KNOWN |= {"purchase": _KNOWN["new"], "refund": _KNOWN["cancel"]}  # other words for the same

TAKES_AWAY = {
    "cancel", "cancelImmediate", "Cancel fee", "Cancel instance prorate", "Prorate fees when cancel",
    "Prorate fees when convert away from current offering",
}  # fmt: skip
"""Types that end seats, even where no money shows it."""

BOTH_WAYS = {"addQuantity", "removeQuantity", "convert", "Cycle instance prorate"}
"""Types of a refund of the old quantity as well as of the charge of the new one."""


def charge_type(native: Native) -> tuple[str, str]:
    """Return a record's charge type as Microsoft's documents spell it, and its category.

    Raises:
        MappingError: It has none, or one that no document lists.
    """
    said = native.needed("chargetype")
    found = _KNOWN.get(" ".join(said.lower().split()))
    if found is None:
        raise MappingError(
            "chargeType",
            said,
            "is no charge type that Microsoft documents; tell us, with the line it stands in",
        )
    return found
