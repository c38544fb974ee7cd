"""Words of the rule files that stand for no client and no product, and ids that have one case (contract §2).

What belongs here: what a cell of an id column means before it is compared. What does not: typing other cells
(``schema``) and looking rules up (``rules``).
"""

from __future__ import annotations

import re

from mbr_pipeline.errors import ConfigError

CLIENT_WORDS = {"!internal": "internal", "!ignore": "ignored"}
"""Words of client_map by the reason of the dispositions they give: own seats, nobody's concern."""
PRODUCT_WORDS = {"!not_billed": "not_billed"}
"""Words of sku_map likewise: trials, free tiers, parts of a bundle."""
IGNORED = CLIENT_WORDS["!ignore"]

# 8-4-4-4-12 hexadecimal digits, the whole cell
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_id(column: str) -> bool:
    """Say whether a column holds ids, of datasets and of rules."""
    return column.endswith("_id") or column == "product_code"


def in_one_case(text: str) -> str:
    """Write an id that is 8-4-4-4-12 hexadecimal digits in lower case; any other stays as it is."""
    return text.lower() if _GUID.fullmatch(text) else text


def check_word(text: str, words: dict[str, str], where: str) -> str:
    """Return a client or product of a map.

    Raises:
        ConfigError: It begins with ``!`` and is no word of this map.
    """
    if text.startswith("!") and text not in words:
        raise ConfigError(f"{where}: {text!r} is not one of {', '.join(words)}")
    return text
