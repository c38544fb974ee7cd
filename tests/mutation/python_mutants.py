"""Plants one small fault at a time in a Python module: the mutants of the mutation tests.

Belongs here: which faults there are, and where they are not planted. Does not: which modules, and whether a test notices
(``python_scope``, ``python_trial``).

A mutator of our own because cosmic-ray cannot be installed beside the locked dbt templater of sqlfluff, and mutmut rewrites every
function into a trampoline, which Dagster's and Great Expectations' inspection of the code does not survive.

By rule, faults are not planted in: docstrings, sentences for people, the expression of a ``raise`` (its message), annotations,
decorators, imports, ``assert``, ``__all__``, and what only a type checker reads. ``+`` between texts and ``/`` between paths
is no arithmetic: putting a minus there would only make the module fail for every test, and the share of killed mutants look better.
"""

from __future__ import annotations

import ast
import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tests.mutation import python_texts as texts


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One fault. What identifies it does not change when lines move: where it is, what stood there, what stands there now."""

    module: str
    function: str
    operator: str
    before: str
    after: str
    nth: int
    line: int
    make: Callable[[], str] = dataclasses.field(repr=False, compare=False)

    @property
    def source(self) -> str:
        """The module's text with the fault."""
        return self.make()

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies the mutant: module, function, and what it is; ``nth`` counts equal ones within a function from 1."""
        again = f" (no. {self.nth})" if self.nth > 1 else ""
        return self.module, self.function, f"{self.operator}: {self.before} -> {self.after}{again}"

    def __str__(self) -> str:
        """Say where it is and what it is in one line."""
        return f"{self.module}:{self.line} {self.function}: {self.key[2]}"


def mutants(module: str, source: str) -> Iterator[Mutant]:
    """Yield every mutant of a module, in the order of the source."""
    tree = ast.parse(source)
    seen: Counter[tuple[str, ...]] = Counter()
    for fault in sorted(_Planter(tree).faults, key=lambda f: (f.line, f.column)):
        where = (fault.function, fault.operator, fault.before, fault.after)
        seen[where] += 1
        yield Mutant(module, *where, seen[where], fault.line, partial(_planted, tree, fault))


def _planted(tree: ast.Module, fault: _Fault) -> str:
    fault.plant()
    try:
        return ast.unparse(tree)
    finally:
        fault.take_back()


@dataclasses.dataclass(frozen=True)
class _Fault:
    function: str
    operator: str
    before: str
    after: str
    line: int
    column: int
    plant: Callable[[], None]
    take_back: Callable[[], None]


_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_CALCULATED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
_CALLED = {"min": "max", "max": "min", "all": "any", "any": "all", "sorted": "list"}
_TESTED = (ast.If, ast.IfExp)
_TRUE, _FALSE = ast.Constant(True), ast.Constant(False)


class _Planter:
    """Walks a module and notes every fault, with how to plant it and take it back."""

    def __init__(self, tree: ast.Module) -> None:
        self.faults: list[_Fault] = []
        self._function: list[str] = []
        self._returns_bool = [False]
        self._is_in_function = 0
        self._parents: dict[ast.AST, ast.AST] = {}
        self._visit(tree)

    # -- noting a fault

    def _note(
        self,
        node: ast.AST,
        operator: str,
        before: str,
        after: str,
        plant: Callable[[], None],
        back: Callable[[], None],
    ) -> None:
        place = node if hasattr(node, "lineno") else self._parents[node]
        name = ".".join(self._function) or "(module)"
        line, column = getattr(place, "lineno", 0), getattr(place, "col_offset", 0)
        self.faults.append(
            _Fault(name, operator, _one_line(before), _one_line(after), line, column, plant, back)
        )

    def _change(self, node: ast.AST, operator: str, field: str, new: Any) -> None:
        """Note that a field of the node has another value; a constant is shown with the keyword it is given for."""
        old = getattr(node, field)
        parent = self._parents.get(node)
        keyword = (
            f"{parent.arg}=" if isinstance(parent, ast.keyword) and isinstance(node, ast.Constant) else ""
        )
        before = keyword + ast.unparse(node)
        setattr(node, field, new)
        after = keyword + ast.unparse(node)
        setattr(node, field, old)
        self._note(
            node,
            operator,
            before,
            after,
            lambda: setattr(node, field, new),
            lambda: setattr(node, field, old),
        )

    def _item(self, node: ast.AST, operator: str, field: str, index: int, new: ast.AST) -> None:
        """Note that an item of a list of the node is another one."""
        items = getattr(node, field)
        changed = [*items[:index], new, *items[index + 1 :]]
        self._change(node, operator, field, changed)

    def _statement(self, node: ast.AST, field: str, index: int, operator: str, new: ast.stmt) -> None:
        """Note that a statement is another one; only the statement is shown."""
        items = getattr(node, field)
        old = items[index]

        def put(statement: ast.stmt) -> None:
            items[index] = statement

        self._note(old, operator, ast.unparse(old), ast.unparse(new), lambda: put(new), lambda: put(old))

    # -- walking

    def _visit(self, node: ast.AST) -> None:
        name = (
            _name_of(node)
            if not self._is_in_function or isinstance(node, ast.FunctionDef | ast.ClassDef)
            else None
        )
        self._is_in_function += isinstance(node, ast.FunctionDef)
        if name:
            self._function.append(name)
            returns = getattr(node, "returns", None)
            self._returns_bool.append(isinstance(returns, ast.Name) and returns.id == "bool")
        handler = getattr(self, f"_{type(node).__name__.lower()}", None)
        if handler:
            handler(node)
        for field, value in ast.iter_fields(node):
            if _is_left_out(node, field):
                continue
            for index, item in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(item, ast.AST):
                    self._parents[item] = node
                    if isinstance(item, ast.stmt) and isinstance(value, list):
                        self._statements(node, field, index, item)
                    if not _is_skipped(item):
                        self._visit(item)
        self._is_in_function -= isinstance(node, ast.FunctionDef)
        if name:
            self._function.pop()
            self._returns_bool.pop()

    def _statements(self, node: ast.AST, field: str, index: int, item: ast.stmt) -> None:
        if isinstance(item, ast.Raise):
            self._statement(node, field, index, "raise removed", ast.Pass())
        elif isinstance(item, ast.Expr) and isinstance(item.value, ast.Call):
            self._statement(node, field, index, "call removed", ast.Pass())
        elif isinstance(item, ast.Break):
            self._statement(node, field, index, "break", ast.Continue())
        elif isinstance(item, ast.Continue):
            self._statement(node, field, index, "continue", ast.Break())
        elif isinstance(item, ast.Return) and item.value is not None and not _is_none(item.value):
            self._statement(node, field, index, "return None", ast.Return(ast.Constant(None)))
            if self._returns_bool[-1] and not _is_bool(item.value):
                self._statement(
                    node, field, index, "return negated", ast.Return(ast.UnaryOp(ast.Not(), item.value))
                )

    # -- what each kind of node can turn into

    def _compare(self, node: ast.Compare) -> None:
        for index, operator in enumerate(node.ops):
            self._item(node, "comparison", "ops", index, _COMPARED[type(operator)]())

    def _boolop(self, node: ast.BoolOp) -> None:
        self._change(node, "and/or", "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())

    def _unaryop(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not | ast.USub):
            self._becomes(
                node, "not removed" if isinstance(node.op, ast.Not) else "minus removed", node.operand
            )

    def _binop(self, node: ast.BinOp) -> None:
        new = _CALCULATED.get(type(node.op))
        is_path = isinstance(node.op, ast.Div) and not (_is_number(node.left) or _is_number(node.right))
        if (
            new
            and not is_path
            and not (isinstance(node.op, ast.Add) and (_is_text(node.left) or _is_text(node.right)))
        ):
            self._change(node, "arithmetic", "op", new())

    def _augassign(self, node: ast.AugAssign) -> None:
        new = _CALCULATED.get(type(node.op))
        if new and not _is_text(node.value):
            self._change(node, "arithmetic", "op", new())

    def _if(self, node: ast.If | ast.IfExp | ast.While | ast.comprehension) -> None:
        self._condition(node, "test", None)

    _ifexp = _if

    def _while(self, node: ast.While) -> None:
        self._note_condition(node, node.test, _FALSE, lambda new: setattr(node, "test", new))

    def _comprehension(self, node: ast.comprehension) -> None:
        for index in range(len(node.ifs)):
            self._condition(node, "ifs", index)

    def _condition(self, node: ast.AST, field: str, index: int | None) -> None:
        held = getattr(node, field)
        test = held if index is None else held[index]

        def put(new: ast.AST) -> None:
            if index is None:
                setattr(node, field, new)
            else:
                held[index] = new

        for constant in (_TRUE, _FALSE):
            self._note_condition(node, test, constant, put)

    def _note_condition(
        self, node: ast.AST, test: ast.AST, constant: ast.Constant, put: Callable[[ast.AST], None]
    ) -> None:
        text = ast.unparse(test)
        self._note(
            test,
            f"condition {constant.value}",
            f"if {text}",
            f"if {constant.value}",
            lambda: put(constant),
            lambda: put(test),
        )

    def _call(self, node: ast.Call) -> None:
        new = _CALLED.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if new == "list":
            listed = ast.Call(ast.Name("list"), node.args[:1], [])
            self._becomes(node, "sorted", listed)
        elif new:
            self._change(node, "min/max/all/any", "func", ast.Name(new))

    def _subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.slice, ast.Slice):
            for end in ("lower", "upper"):
                if getattr(node.slice, end) is not None:
                    self._change(node, "slice", "slice", ast.Slice(**{**_ends(node.slice), end: None}))

    def _arguments(self, node: ast.arguments) -> None:
        for field in ("defaults", "kw_defaults"):
            for index, default in enumerate(getattr(node, field)):
                if default is not None and not isinstance(default, ast.Constant):
                    self._item(node, "default argument", field, index, ast.Constant(None))

    def _formattedvalue(self, node: ast.FormattedValue) -> None:
        if node.format_spec is not None and not self._in_prose(node):
            self._change(node, "format dropped", "format_spec", None)

    def _constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self._change(node, "boolean", "value", not value)
        elif isinstance(value, int):
            for new in (value + 1, value - 1):
                self._change(node, "integer", "value", new)
        elif isinstance(value, str):
            parent = self._parents.get(node)
            if isinstance(parent, ast.JoinedStr):
                return  # seen as a whole
            self._text(node, value, value)

    def _joinedstr(self, node: ast.JoinedStr) -> None:
        pieces = [piece for piece in node.values if isinstance(piece, ast.Constant)]
        whole = "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values)
        for number, piece in enumerate(pieces):
            self._text(piece, str(piece.value), whole, number == 0)

    def _text(self, node: ast.Constant, value: str, whole: str, is_first: bool = True) -> None:
        """Note the faults of a text, or of a piece of an f-string that is ``whole`` as one."""
        if not value.strip() and whole.strip():
            return
        if texts.is_query(whole):
            found = [("query", *fault) for fault in texts.query_faults(value)]
        elif texts.is_pattern(whole):
            found = [("pattern", *fault) for fault in texts.pattern_faults(value)]
        elif texts.is_prose(whole):
            found = []
        else:
            found = [("list", *fault) for fault in texts.list_faults(value)]
            if is_first and not found:
                new = texts.code_fault(value)
                found = [("text", repr(value), repr(new), new)]
        for operator, before, after, new in found:
            self._replace_value(node, operator, before, after, new)

    def _replace_value(self, node: ast.Constant, operator: str, before: str, after: str, new: str) -> None:
        old = node.value
        self._note(
            node,
            operator,
            before,
            after,
            lambda: setattr(node, "value", new),
            lambda: setattr(node, "value", old),
        )

    def _becomes(self, node: ast.AST, operator: str, new: ast.AST) -> None:
        """Note that the node itself is another one, wherever its parent holds it."""
        parent = self._parents[node]
        for field, value in ast.iter_fields(parent):
            if value is node:
                self._note(
                    node, operator, ast.unparse(node), ast.unparse(new),
                    partial(setattr, parent, field, new), partial(setattr, parent, field, node),
                )  # fmt: skip
                return
            if isinstance(value, list) and any(item is node for item in value):
                index = next(i for i, item in enumerate(value) if item is node)

                def put(item: ast.AST, items: list[ast.AST] = value, at: int = index) -> None:
                    items[at] = item

                self._note(
                    node, operator, ast.unparse(node), ast.unparse(new), lambda: put(new), lambda: put(node)
                )
                return

    def _in_prose(self, node: ast.AST) -> bool:
        joined = self._parents.get(node)
        if not isinstance(joined, ast.JoinedStr):
            return False
        return texts.is_prose("".join(str(v.value) for v in joined.values if isinstance(v, ast.Constant)))


def _name_of(node: ast.AST) -> str | None:
    """Return the name that a node gives to what is in it: a function's, a class's, a constant's."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    target = (
        node.targets[0]
        if isinstance(node, ast.Assign)
        else node.target
        if isinstance(node, ast.AnnAssign)
        else None
    )
    return target.id if isinstance(target, ast.Name) else None


def _is_left_out(node: ast.AST, field: str) -> bool:
    """Whether a field is by rule no place for a fault."""
    if field in (
        "annotation",
        "returns",
        "decorator_list",
        "ctx",
        "ops",
        "op",
        "keywords" if isinstance(node, ast.ClassDef) else "ctx",
    ):
        return True
    return field == "format_spec" or (isinstance(node, ast.Raise) and field in ("exc", "cause"))


def _is_skipped(node: ast.AST) -> bool:
    """Whether a node is by rule no place for a fault, nor anything below it."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Assert):
        return True
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True  # a docstring, of whatever
    if isinstance(node, ast.Assign) and any(
        isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets
    ):
        return True
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _is_text(node: ast.AST) -> bool:
    """Whether an operand shows that text, a path or a list is put together, not a sum."""
    if isinstance(node, ast.BinOp):
        return _is_text(node.left) or _is_text(node.right)
    if isinstance(node, ast.IfExp):
        return _is_text(node.body) or _is_text(node.orelse)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in ("join", "format", "encode", "model_dump_json")
    return isinstance(node, ast.JoinedStr | ast.List | ast.Tuple | ast.ListComp) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )


def _is_number(node: ast.AST) -> bool:
    """Whether an operand shows that numbers are divided, not a path put together."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in (
            "Fraction",
            "Decimal",
            "abs",
            "sum",
            "len",
        )
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_bool(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bool)


def _ends(node: ast.Slice) -> dict[str, ast.expr | None]:
    return {"lower": node.lower, "upper": node.upper, "step": node.step}


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 160 else f"{line[:100]}…{line[-59:]}"
