"""The tree of a formula: what every reader of formulas walks, whether it computes, prints or draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

Sign: TypeAlias = Literal["+", "-"]
Arithmetic: TypeAlias = Literal["+", "-", "*", "/", "**"]
Comparison: TypeAlias = Literal["<", "<=", ">", ">=", "==", "!="]
Connective: TypeAlias = Literal["and", "or", "not"]
TableMethod: TypeAlias = Literal["lookup", "step", "interpolate"]

BUILT_IN = ("cycle", "years", "cycle_years", "age", "years_in_state", "cycles_in_state")
"""Variables that a model provides: the boundary's number, years since the start, the length of a cycle, age,
and time in the present state."""


@dataclass(frozen=True, kw_only=True)
class Located:
    """A part of a formula that knows where it stands in the text; two parts may be equal elsewhere."""

    span: tuple[int, int] = field(default=(0, 0), compare=False, repr=False)


@dataclass(frozen=True)
class Number(Located):
    """A literal; ``True`` and ``False`` are 1 and 0."""

    value: float


@dataclass(frozen=True)
class Name(Located):
    """A variable."""

    name: str


@dataclass(frozen=True)
class Unary(Located):
    """A sign before an operand."""

    operator: Sign
    operand: Node


@dataclass(frozen=True)
class Binary(Located):
    """Arithmetic on two operands."""

    operator: Arithmetic
    left: Node
    right: Node


@dataclass(frozen=True)
class Compare(Located):
    """A chain of comparisons, ``a < b <= c``: one operator fewer than operands."""

    operators: tuple[Comparison, ...]
    operands: tuple[Node, ...]


@dataclass(frozen=True)
class Logic(Located):
    """``and`` or ``or`` of two or more operands, or ``not`` of one."""

    operator: Connective
    operands: tuple[Node, ...]


@dataclass(frozen=True)
class IfElse(Located):
    """``then if condition else otherwise``."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True)
class Call(Located):
    """A function of :data:`~costmodel.formulas.functions.FUNCTIONS` and its arguments."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class TableRef(Located):
    """A look-up: a table, the column to read (None where the table has but one), and the keys."""

    method: TableMethod
    table: str
    column: str | None
    keys: tuple[Node, ...]


Node: TypeAlias = Number | Name | Unary | Binary | Compare | Logic | IfElse | Call | TableRef


def children(node: Node) -> tuple[Node, ...]:
    """Return the parts of a node, in the order in which they are written.

    Examples
    --------
    >>> children(Binary("+", Name("a"), Number(1.0)))
    (Name(name='a'), Number(value=1.0))
    """
    match node:
        case Number() | Name():
            return ()
        case Unary():
            return (node.operand,)
        case Binary():
            return (node.left, node.right)
        case Compare() | Logic():
            return node.operands
        case IfElse():
            return (node.then, node.condition, node.otherwise)
        case Call():
            return node.arguments
        case TableRef():
            return node.keys


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all its parts, each before its own parts, in the order of the text.

    Examples
    --------
    >>> [type(part).__name__ for part in walk(Unary("-", Name("a")))]
    ['Unary', 'Name']
    """
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(children(current)))


@dataclass(frozen=True)
class Expression:
    """A formula that has been read.

    Parameters
    ----------
    text : str
        What the author wrote, on one line. :func:`rename` leaves it as it is, for messages.
    node : Node
        The tree.

    Attributes
    ----------
    names : frozenset of str
        The variables, without the names of tables and columns.
    tables : frozenset of str
        The tables it reads.
    """

    text: str
    node: Node
    names: frozenset[str] = field(init=False, repr=False, compare=False)
    tables: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parts = list(walk(self.node))
        names = frozenset(part.name for part in parts if isinstance(part, Name))
        tables = frozenset(part.table for part in parts if isinstance(part, TableRef))
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "tables", tables)


def rename(expression: Expression, names: Mapping[str, str]) -> Expression:
    """Return the formula with its variables renamed, all at once; tables and columns keep their names.

    It serves overrides that refer to their own earlier value: ``price = "price * 1.1"`` becomes a
    formula of ``price~1``, a name that nobody can type.

    Parameters
    ----------
    expression : Expression
    names : mapping of str to str
        Old name to new name. Names that do not occur are ignored.

    Examples
    --------
    >>> from costmodel.formulas import parse
    >>> sorted(rename(parse("price * quantity"), {"price": "price~1"}).names)
    ['price~1', 'quantity']
    """
    return Expression(expression.text, _renamed(expression.node, names))


def _renamed(node: Node, names: Mapping[str, str]) -> Node:
    match node:
        case Number():
            return node
        case Name():
            return replace(node, name=names.get(node.name, node.name))
        case Unary():
            return replace(node, operand=_renamed(node.operand, names))
        case Binary():
            return replace(node, left=_renamed(node.left, names), right=_renamed(node.right, names))
        case Compare() | Logic():
            return replace(node, operands=_all_renamed(node.operands, names))
        case IfElse():
            condition, then = _renamed(node.condition, names), _renamed(node.then, names)
            otherwise = _renamed(node.otherwise, names)
            return replace(node, condition=condition, then=then, otherwise=otherwise)
        case Call():
            return replace(node, arguments=_all_renamed(node.arguments, names))
        case TableRef():
            return replace(node, keys=_all_renamed(node.keys, names))


def _all_renamed(nodes: tuple[Node, ...], names: Mapping[str, str]) -> tuple[Node, ...]:
    return tuple(_renamed(node, names) for node in nodes)
