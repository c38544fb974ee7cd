"""Small faults in the texts that Python code holds: queries, patterns and codes.

Belongs here: which texts decide something, and what a fault in one looks like. Does not: finding texts in a module
(``python_mutants``). Prose is left alone: a sentence for people decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_QUERY = re.compile(
    r"\bselect\b|\bcase when\b|\btry_cast\b|\bcoalesce\(|\bis (?:not )?null\b|\bregexp_full_match\b|\bin \(|\bread_parquet\b"
    r"|\bcount\(|::[a-z]|\bexecute\b| (?:<|>|<=|>=|<>|=|%) |\border by\b|\bdrop (?:schema|table)\b|\blist_filter\("
)
_PATTERN = re.compile(r"\[[^\]]*[0-9A-Za-z]-|\\d|\(\?:")
_COLUMNS = re.compile(r"[a-z_]+(?: nulls (?:first|last))?(?:, [a-z_]+(?: nulls (?:first|last))?)+")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")

# a token of SQL and what stands in its place; the first that matches at a place is the one
_SQL = (
    (r"is not distinct from", "is distinct from"),
    (r"is distinct from", "is not distinct from"),
    (r"is not null", "is null"),
    (r"is null", "is not null"),
    (r"union all", "union"),
    (r"semi join", "anti join"),
    (r"anti join", "semi join"),
    (r"left join", "inner join"),
    (r"inner join", "left join"),
    (r"nulls first", "nulls last"),
    (r"distinct (?!on\b)", ""),
    (r"not (?=[a-z(])(?!in\b|null\b)", ""),
    (r"not in\b", "in"),
    (r"and", "or"),
    (r"or(?![a-z_]| replace)", "and"),
    (r"min_by(?=\()", "max_by"),
    (r"min(?=\()", "max"),
    (r"max(?=\()", "min"),
    (r"sum(?=\()", "max"),
    (r"abs(?=\()", ""),
    (r"lower(?=\()", ""),
    (r"true", "false"),
    (r"false", "true"),
)
_END = r"(?![a-z_])"
_TOKEN = re.compile(
    "|".join(
        f"(?P<w{number}>\\b{word}{_END if word[-1].isalpha() else ''})"
        for number, (word, _) in enumerate(_SQL)
    )
    + r"|(?P<sign>(?<= )(?:<>|<=|>=|<|>|=|%|-|\+)(?= ))"
    + r"|(?P<scale>(?<=decimal\()[0-9]+, [0-9]+)"
    + r"|(?P<text>'[A-Za-z_]\w*')"
    + r"|(?P<number>(?<![\w.(])[0-9]+(?:\.[0-9]+)?(?![\w.]))"
)
_SIGNS = {"<>": "=", "=": "<>", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "%": "*", "-": "+", "+": "-"}

_PIECES = (
    (re.compile(r"^\^"), ""),
    (re.compile(r"\$$"), ""),
    (re.compile(r"(?<=\{)[0-9]+(?=[,}])"), "+"),
    (re.compile(r"(?<=,)[0-9]+(?=\})"), "+"),
    (re.compile(r"(?<=[\])])\*"), "+"),
    (re.compile(r"(?<=[\])])\+"), "*"),
    (re.compile(r"(?<=[\])}])\?"), ""),
    (re.compile(r"^-\?"), ""),
)


def is_query(text: str) -> bool:
    """Say whether a text is SQL, or a condition or expression of it, or what joins conditions."""
    return bool(_QUERY.search(text)) or text in (" and ", " or ")


def is_pattern(text: str) -> bool:
    """Say whether a text is a regular expression."""
    return bool(_PATTERN.search(text)) and not is_query(text)


def is_prose(text: str) -> bool:
    """Say whether a text is there for people: words that are neither a query nor a pattern nor a list of columns, or what joins them."""
    is_separator = bool(text) and not re.search(r"[\w'.:]", text) and " " in text
    is_sentence = (
        bool(re.search(r"\s", text.strip()))
        and not is_query(text)
        and not is_pattern(text)
        and not _COLUMNS.fullmatch(text)
    )
    return is_separator or is_sentence


def query_faults(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield (what stood there, what stands there now, the whole text with it) for every token of a piece of SQL."""
    for found in _TOKEN.finditer(text):
        new = _other(found)
        is_setting = found.lastgroup == "sign" and text.startswith("set ")  # no comparison
        if new != found[0] and not is_setting:
            before, after = (
                text[max(found.start() - 24, 0) : found.start()],
                text[found.end() : found.end() + 24],
            )
            yield (
                _line(before + found[0] + after),
                _line(before + new + after),
                text[: found.start()] + new + text[found.end() :],
            )


def _other(found: re.Match[str]) -> str:
    kind = str(found.lastgroup)
    if kind == "sign":
        return _SIGNS[found[0]]
    if kind == "scale":
        digits, places = found[0].split(", ")
        return f"{digits}, {int(places) - 1}" if int(places) else found[0]
    if kind == "text":
        return "'x" + found[0][1:]
    if kind == "number":
        return _next(found[0])
    return _SQL[int(kind[1:])][1]


def pattern_faults(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield likewise for a regular expression: anchors, repetitions and their limits."""
    for piece, new in _PIECES:
        for found in piece.finditer(text):
            other = str(int(found[0]) + 1) if found[0].isdecimal() else new
            whole = text[: found.start()] + other + text[found.end() :]
            yield text, whole, whole


def code_fault(text: str) -> str:
    """Return another text than a code, name or number: what a slip of the pen would make of it."""
    if _NUMBER.fullmatch(text):
        return _next(text)
    return f"x{text}"


def list_faults(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield likewise for a list of columns, which is an order of rows: one column less at either end."""
    if _COLUMNS.fullmatch(text):
        columns = text.split(", ")
        for fewer in (columns[:-1], columns[1:]):
            yield text, ", ".join(fewer), ", ".join(fewer)


def _next(number: str) -> str:
    return number[:-1] + str((int(number[-1]) + 1) % 10)


def _line(text: str) -> str:
    return " ".join(text.split())
