"""From text to tree: Python's expression syntax, read against an allow-list and never run."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from costmodel.checks import did_you_mean, in_interval, nearest
from costmodel.formulas import refusals
from costmodel.formulas.errors import FormulaError, plain, printable
from costmodel.formulas.functions import FUNCTIONS
from costmodel.formulas.nodes import (
    Arithmetic,
    Binary,
    Call,
    Compare,
    Comparison,
    Connective,
    Expression,
    IfElse,
    Logic,
    Name,
    Node,
    Number,
    Sign,
    TableMethod,
    TableRef,
    Unary,
)

LONGEST = 2_000
"""The greatest number of characters in a formula."""
DEEPEST = 50
"""The greatest number of parts within each other."""
LARGEST = 500
"""The greatest number of parts."""
REMEMBERED = 4096
"""How many formulas are kept once read: a study's scenarios share nearly all of theirs."""
HIGHEST_POWER = 1_000
"""The greatest magnitude of an exponent that is written as a number."""

_ARITHMETIC: dict[type[ast.operator], Arithmetic] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
}
_SIGNS: dict[type[ast.unaryop], Sign] = {ast.UAdd: "+", ast.USub: "-"}
_COMPARISONS: dict[type[ast.cmpop], Comparison] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_CONNECTIVES: dict[type[ast.boolop], Connective] = {ast.And: "and", ast.Or: "or"}
_TABLE_METHODS: dict[str, TableMethod] = {
    "lookup": "lookup",
    "step": "step",
    "interpolate": "interpolate",
}


def parse(text: str, *, name: str = "formula") -> Expression:
    """Read a formula; nothing of it is run.

    Parameters
    ----------
    text : str
        An expression, or a plain number such as ``"0.03"``. It may run over several lines.
    name : str
        The formula's name, for messages.

    Raises
    ------
    FormulaError
        The text is no formula of the language, or is longer than 2,000 characters, deeper than 50
        parts or larger than 500 parts.

    Examples
    --------
    >>> formula = parse("max(0, gross - deductible) * coinsurance")
    >>> sorted(formula.names)
    ['coinsurance', 'deductible', 'gross']
    >>> parse("dose ^ 2", name="area")
    Traceback (most recent call last):
        ...
    costmodel.formulas.errors.FormulaError: formula 'area' ("dose ^ 2"): must not use ^; \
found 'dose ^ 2' -> a power is written **: a ** b
    """
    return _parsed(text, name)


@lru_cache(maxsize=REMEMBERED)
def _parsed(text: str, name: str) -> Expression:
    if len(text) > LONGEST:
        rule = f"must have at most {LONGEST:,} characters"
        raise FormulaError(name, text, rule, f"{len(text):,}", "split it in named formulas")
    line = " ".join(text.split())
    if not line:
        raise FormulaError(name, text, "must not be empty", "no text", "write a number or an expression")
    reader = _Reader(name, line)
    return Expression(line, reader.read(_python_tree(reader), 1))


def constant(value: float) -> Expression:
    """Return the formula that is one number.

    Parameters
    ----------
    value : float
        Finite.

    Examples
    --------
    >>> constant(0.03).node
    Number(value=0.03)
    """
    return parse(plain(in_interval(value, "a constant")))


def _python_tree(reader: _Reader) -> ast.expr:
    foreign = refusals.foreign_character(reader.text)
    if foreign is not None:
        raise reader.refusal(foreign[1], repr(foreign[0]))
    if "#" in reader.text:
        raise reader.refusal(refusals.COMMENT, "'#'")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(reader.text, mode="eval").body
    except SyntaxError as problem:
        raise reader.misspelt(problem) from None
    except (ValueError, MemoryError, RecursionError, OverflowError) as problem:
        rule = "must be an expression that can be read"
        raise reader.fault(rule, type(problem).__name__, "make it simpler") from None


@dataclass
class _Reader:
    """Turns Python's tree into ours, counting the parts."""

    name: str
    text: str
    count: int = 0

    def fault(self, rule: str, found: str, remedy: str) -> FormulaError:
        return FormulaError(self.name, self.text, rule, found, remedy)

    def refusal(self, lesson: refusals.Lesson, found: str) -> FormulaError:
        return self.fault(lesson.rule, found, lesson.remedy)

    def misspelt(self, problem: SyntaxError) -> FormulaError:
        known = refusals.spelling(self.text)
        if known is not None:
            return self.refusal(known[1], repr(known[0]))
        where = f"{problem.msg}, at character {problem.offset or 1}"
        return self.fault("must be an expression", where, "write it as in Python: a * b + c")

    def source(self, tree: ast.AST) -> str:
        start, end = self.span(tree)
        return repr(printable(self.text[start:end]))

    @staticmethod
    def span(tree: ast.AST) -> tuple[int, int]:
        return getattr(tree, "col_offset", 0), getattr(tree, "end_col_offset", 0)

    def read(self, tree: ast.expr, depth: int) -> Node:
        self.count += 1
        if depth > DEEPEST:
            found = f"parts within parts, more than {DEEPEST} deep"
            raise self.fault(f"must be at most {DEEPEST} parts deep", found, "split it in named formulas")
        if self.count > LARGEST:
            found = f"more than {LARGEST} parts"
            raise self.fault(f"must have at most {LARGEST} parts", found, "split it in named formulas")
        if isinstance(tree, ast.Constant):
            return self.number(tree)
        if isinstance(tree, ast.Name):
            return self.variable(tree)
        return self.compound(tree, depth + 1)

    def compound(self, tree: ast.expr, depth: int) -> Node:
        match tree:
            case ast.UnaryOp():
                return self.unary(tree, depth)
            case ast.BinOp():
                return self.binary(tree, depth)
            case ast.Compare():
                return self.compare(tree, depth)
            case ast.BoolOp():
                operands = self.read_all(tree.values, depth)
                return Logic(_CONNECTIVES[type(tree.op)], operands, span=self.span(tree))
            case ast.IfExp():
                parts = self.read_all([tree.test, tree.body, tree.orelse], depth)
                return IfElse(*parts, span=self.span(tree))
            case ast.Call():
                return self.call(tree, depth)
        raise self.refusal(refusals.SYNTAX.get(type(tree), refusals.OTHER), self.source(tree))

    def read_all(self, trees: Iterable[ast.expr], depth: int) -> tuple[Node, ...]:
        return tuple(self.read(tree, depth) for tree in trees)

    def number(self, tree: ast.Constant) -> Number:
        given, source = tree.value, self.source(tree)
        if isinstance(given, (str, bytes)):
            raise self.refusal(refusals.TEXT, source)
        if not isinstance(given, (int, float, complex)):
            raise self.refusal(refusals.OTHER, source)
        if isinstance(given, complex) or (not isinstance(given, bool) and set("xXoObB") & set(source)):
            raise self.refusal(refusals.DECIMAL, source)
        if given > sys.float_info.max:
            found = f"a number of {len(self.text[slice(*self.span(tree))])} characters"
            raise self.fault("must hold numbers below 1.8e308 only", found, "write a smaller number")
        return Number(float(given), span=self.span(tree))

    def variable(self, tree: ast.Name) -> Name:
        if tree.id in FUNCTIONS:
            remedy = f"call it: {FUNCTIONS[tree.id].signature}"
            raise self.fault("must not use a function's name as a variable", f"'{tree.id}'", remedy)
        return Name(tree.id, span=self.span(tree))

    def unary(self, tree: ast.UnaryOp, depth: int) -> Node:
        if isinstance(tree.op, ast.Not):
            return Logic("not", (self.read(tree.operand, depth),), span=self.span(tree))
        if type(tree.op) not in _SIGNS:
            raise self.refusal(refusals.SYNTAX.get(type(tree.op), refusals.OTHER), self.source(tree))
        return Unary(_SIGNS[type(tree.op)], self.read(tree.operand, depth), span=self.span(tree))

    def binary(self, tree: ast.BinOp, depth: int) -> Binary:
        if type(tree.op) not in _ARITHMETIC:
            raise self.refusal(refusals.SYNTAX.get(type(tree.op), refusals.OTHER), self.source(tree))
        operator = _ARITHMETIC[type(tree.op)]
        left, right = self.read(tree.left, depth), self.read(tree.right, depth)
        exponent = right
        while isinstance(exponent, Unary):
            exponent = exponent.operand
        if operator == "**" and isinstance(exponent, Number) and exponent.value > HIGHEST_POWER:
            rule = f"must have exponents of at most {HIGHEST_POWER:,}"
            raise self.fault(rule, self.source(tree.right), "check the exponent")
        return Binary(operator, left, right, span=self.span(tree))

    def compare(self, tree: ast.Compare, depth: int) -> Compare:
        for operator in tree.ops:
            if type(operator) not in _COMPARISONS:
                raise self.refusal(refusals.SYNTAX.get(type(operator), refusals.OTHER), self.source(tree))
        operands = self.read_all([tree.left, *tree.comparators], depth)
        return Compare(tuple(_COMPARISONS[type(op)] for op in tree.ops), operands, span=self.span(tree))

    def call(self, tree: ast.Call, depth: int) -> Call | TableRef:
        function = self.function(tree.func)
        if tree.keywords:
            raise self.refusal(refusals.KEYWORD_ARGUMENT, self.source(tree))
        for part in tree.args:
            if type(part) in refusals.SYNTAX:
                raise self.refusal(refusals.SYNTAX[type(part)], self.source(part))
        self.check_count(function, len(tree.args))
        if function in _TABLE_METHODS:
            return self.table(tree, _TABLE_METHODS[function], depth)
        arguments = self.read_all(tree.args, depth)
        return Call(function, arguments, span=self.span(tree))

    def function(self, tree: ast.expr) -> str:
        if isinstance(tree, ast.Attribute):
            raise self.refusal(refusals.SYNTAX[ast.Attribute], self.source(tree))
        if not isinstance(tree, ast.Name):
            rule = "must have an operator before a bracket"
            raise self.fault(rule, f"{self.source(tree)} and a bracket", "to multiply write *: 2 * (a + b)")
        if tree.id not in FUNCTIONS:
            remedy = refusals.FUNCTION_HABITS.get(tree.id.lower())
            if remedy is None:
                guess = nearest(tree.id, FUNCTIONS) is not None
                remedy = did_you_mean(tree.id, FUNCTIONS) if guess else self._functions()
            raise self.fault("must call known functions only", f"'{tree.id}'", remedy)
        return tree.id

    @staticmethod
    def _functions() -> str:
        return f"to multiply write * before the bracket; the functions are {', '.join(FUNCTIONS)}"

    def check_count(self, name: str, given: int) -> None:
        function = FUNCTIONS[name]
        fewest, most = function.fewest, function.most
        if given >= fewest and (most is None or given <= most):
            return
        needed = f"{fewest} or more" if most is None else str(fewest)
        needed = f"{fewest} to {most}" if most not in (None, fewest) else needed
        rule = f"must give {name} {needed} argument{'s' if needed != '1' else ''}"
        raise self.fault(rule, str(given), f"write {function.signature}")

    def table(self, tree: ast.Call, method: TableMethod, depth: int) -> TableRef:
        table, *rest = tree.args
        if not isinstance(table, ast.Name):
            rule = f"must give {method} the name of a table first"
            raise self.fault(rule, self.source(table), f"write {FUNCTIONS[method].signature}")
        column = None
        if len(rest) > 1 and isinstance(rest[0], ast.Name):
            column, rest = rest[0].id, rest[1:]
        if method != "lookup" and len(rest) > 1:
            rule = f"must give {method} the name of a column after the table"
            raise self.fault(rule, self.source(rest[0]), f"write {FUNCTIONS[method].signature}")
        keys = self.read_all(rest, depth)
        return TableRef(method, table.id, column, keys, span=self.span(tree))
