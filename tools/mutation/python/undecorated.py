"""Brings decorated functions within mutmut's reach: their bodies move into functions without a decorator.

What belongs here: that one rewriting of a module's text, in the copy that is mutated. mutmut leaves a
function alone that has a decorator, other than a single ``staticmethod`` or ``classmethod``; properties and
validators decide too, ``Verdict.passed`` first of all.
"""

from __future__ import annotations

import ast

SUFFIX = "_undecorated"

_REACHED = (["staticmethod"], ["classmethod"])
"""Decorators with which mutmut does mutate."""


def undecorated(source: str) -> str:
    """Return the module with every decorated function handing on to one with its body and no decorator."""
    lines = source.splitlines()
    tree = ast.parse(source)
    methods = [(item, True) for node in tree.body if isinstance(node, ast.ClassDef) for item in node.body]
    functions = [(item, False) for item in tree.body]
    for node, is_method in sorted([*functions, *methods], key=lambda found: -found[0].lineno):
        if isinstance(node, ast.FunctionDef) and _is_out_of_reach(node):
            lines[node.lineno - 1 : node.end_lineno] = _parted(node, lines, is_method)
    return "\n".join(lines) + "\n"


def _is_out_of_reach(node: ast.FunctionDef) -> bool:
    """Whether mutmut leaves it alone; one that stands on a single line has no body to move."""
    names = [ast.unparse(decorator) for decorator in node.decorator_list]
    return bool(names) and names not in _REACHED and node.body[0].lineno > node.lineno


def _parted(node: ast.FunctionDef, lines: list[str], is_method: bool) -> list[str]:
    """Return the lines of the function that hands on and of the one with the body."""
    head = lines[node.lineno - 1 : node.body[0].lineno - 1]
    indent = " " * node.col_offset
    is_of_class = any(ast.unparse(decorator) == "classmethod" for decorator in node.decorator_list)
    moved = [head[0].replace(f"def {node.name}(", f"def {node.name}{SUFFIX}(", 1), *head[1:]]
    return [
        *head,
        f"{indent}    return {_call(node, is_method)}",
        "",
        *([f"{indent}@classmethod"] if is_of_class else []),
        *moved,
        *lines[node.body[0].lineno - 1 : node.end_lineno],
    ]


def _call(node: ast.FunctionDef, is_bound: bool) -> str:
    """Return the call that hands every argument on; a bound function is called on its first one."""
    given = node.args
    names = [argument.arg for argument in (*given.posonlyargs, *given.args)]
    owner = f"{names.pop(0)}." if is_bound else ""
    passed = [
        *names,
        *([f"*{given.vararg.arg}"] if given.vararg else []),
        *(f"{argument.arg}={argument.arg}" for argument in given.kwonlyargs),
        *([f"**{given.kwarg.arg}"] if given.kwarg else []),
    ]
    return f"{owner}{node.name}{SUFFIX}({', '.join(passed)})"
