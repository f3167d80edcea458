"""From tree to numbers: every element of an array gets what Python would compute for it alone."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from costmodel.checks import did_you_mean, is_name
from costmodel.formulas.errors import FormulaError, Places, plain, printable
from costmodel.formulas.functions import FUNCTIONS, BoolArray, FloatArray
from costmodel.formulas.lookups import LookupTable, key_range, read_table, table_problem
from costmodel.formulas.nodes import (
    Arithmetic,
    Binary,
    Call,
    Compare,
    Comparison,
    Expression,
    IfElse,
    Logic,
    Name,
    Node,
    Number,
    TableMethod,
    TableRef,
    Unary,
)

AXES = ("draw", "segment", "cycle")
"""The axes of every array of values, in their order."""

_NO_TABLES: Mapping[str, LookupTable] = MappingProxyType({})
_UFUNCS: dict[Arithmetic, np.ufunc] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
}
_COMPARE: dict[Comparison, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_KEEP_INSIDE = "keep it there with min and max, or choose another branch there with if … else"
_KEY_REMEDIES: dict[TableMethod, str] = {
    "lookup": "add the row, or take the row at or below with step",
    "step": "add the rows; where the last row stands for all above it, write min(x, its key)",
    "interpolate": "add the rows, or keep x within them with min and max",
}


def evaluate(
    expression: Expression,
    values: Mapping[str, FloatArray | float],
    *,
    tables: Mapping[str, LookupTable] = _NO_TABLES,
    name: str = "formula",
) -> FloatArray:
    """Compute a formula for all draws, segments and cycles at once.

    Each element of the result is what Python computes for that element alone, in floating point:
    comparisons and ``not`` give 1 or 0, ``and`` and ``or`` give one of their operands, and a branch of
    ``if … else …`` that an element does not take cannot fail for it. What Python refuses, such as
    division by zero, is an error; so is a result that is not finite.

    Parameters
    ----------
    expression : Expression
    values : mapping of str to float or array, (draw, segment, cycle)
        One number or array for each variable. Arrays have three axes and broadcast: an axis of length 1
        stands for any length. They are taken to be finite and are never written to.
    tables : mapping of str to LookupTable
        The tables that look-ups name.
    name : str
        The formula's name, for messages.

    Returns
    -------
    array, (draw, segment, cycle), float64
        Always three axes, as long as those of the variables that were used; a constant has shape
        (1, 1, 1). It cannot be written to, for it may be one of ``values`` itself. Where a condition is
        one number for all elements, the branch that is not taken is not used.

    Raises
    ------
    FormulaError
        A variable or table is missing, shapes do not broadcast, or an element has no finite value; the
        message counts the elements and shows the first.

    Examples
    --------
    >>> from costmodel.formulas import parse
    >>> packs = np.array([0.0, 4.0]).reshape(2, 1, 1)
    >>> evaluate(parse("cost / packs if packs else 0"), {"cost": 10.0, "packs": packs}).ravel()
    array([0. , 2.5])
    >>> evaluate(parse("cost / packs"), {"cost": 10.0, "packs": packs}, name="unit_cost")
    Traceback (most recent call last):
        ...
    costmodel.formulas.errors.FormulaError: formula 'unit_cost' ("cost / packs"): a divisor must not \
be 0; found packs = 0 in 1 of 2 elements, first at draw 0 (counted from 0) -> say \
what holds then: a / b if b != 0 else 0
    """
    run = _Run(name, expression.text, _inputs(expression, values, name), tables)
    with np.errstate(all="ignore"):
        result = run.value(expression.node, None)
    if not np.isfinite(result).all():
        remedy = "look for a product that is too large for a number, and check the inputs"
        shown = [("the result", result)]
        run.refuse(~np.isfinite(result), None, shown, "the result must be finite", remedy)
    result = np.asarray(result, dtype=np.float64)
    result = result if result.ndim else result.reshape(1, 1, 1)
    result.flags.writeable = False
    return result


def _inputs(
    expression: Expression, values: Mapping[str, FloatArray | float], name: str
) -> dict[str, FloatArray]:
    inputs = {}
    for variable in sorted(expression.names):
        if variable not in values:
            remedy = did_you_mean(variable, [other for other in values if is_name(other)])
            rule = "every variable must have a value"
            raise FormulaError(name, expression.text, rule, f"none for '{variable}'", remedy)
        array = np.asarray(values[variable], dtype=np.float64).view()
        if array.ndim not in (0, len(AXES)) or not array.size:
            found = f"'{variable}' of shape {array.shape}"
            rule = "a variable must be a number or an array over draw, segment and cycle"
            raise FormulaError(name, expression.text, rule, found, "give it three axes, of length 1 or more")
        array.flags.writeable = False
        inputs[variable] = array
    try:
        np.broadcast_shapes(*(array.shape for array in inputs.values()))
    except ValueError:
        shapes = ", ".join(f"{variable} {array.shape}" for variable, array in inputs.items())
        rule = "the variables' axes must be equally long or of length 1"
        raise FormulaError(name, expression.text, rule, shapes, "compute them from the same draws") from None
    return inputs


@dataclass(frozen=True)
class _Run:
    """One evaluation. ``active`` marks the elements for which a part is computed; None means all.

    Input arrays cannot be written to; so an array that can be is an intermediate result that nobody
    else holds, and arithmetic writes into it.
    """

    name: str
    text: str
    values: Mapping[str, FloatArray]
    tables: Mapping[str, LookupTable]

    def value(self, node: Node, active: BoolArray | None) -> FloatArray:
        match node:
            case Number() | Name():
                return np.array(node.value) if isinstance(node, Number) else self.values[node.name]
            case Unary():
                operand = self.value(node.operand, active)
                return -operand if node.operator == "-" else operand
            case Binary():
                return self.binary(node, active)
            case Compare():
                return self.compare(node, active).astype(np.float64)
            case Logic():
                return self.logic(node, active)
            case IfElse():
                return self.if_else(node, active)
            case Call():
                return self.call(node, active)
            case TableRef():
                return self.table(node, active)

    def truth(self, node: Node, active: BoolArray | None) -> BoolArray:
        if isinstance(node, Compare):
            return self.compare(node, active)
        if not isinstance(node, Logic):
            return np.not_equal(self.value(node, active), 0.0)
        if node.operator == "not":
            return np.logical_not(self.truth(node.operands[0], active))
        result = self.truth(node.operands[0], active)
        for operand in node.operands[1:]:
            undecided = result if node.operator == "and" else ~result
            if undecided.size > 1:
                combine = np.logical_and if node.operator == "and" else np.logical_or
                result = combine(result, self.truth(operand, _narrowed(active, undecided)))
            elif undecided.all():
                result = self.truth(operand, active)
        return result

    def logic(self, node: Logic, active: BoolArray | None) -> FloatArray:
        if node.operator == "not":
            return self.truth(node, active).astype(np.float64)
        result = self.value(node.operands[0], active)
        for operand in node.operands[1:]:
            undecided = (result != 0.0) if node.operator == "and" else (result == 0.0)
            if undecided.size > 1:
                result = np.where(undecided, self.value(operand, _narrowed(active, undecided)), result)
            elif undecided.all():
                result = self.value(operand, active)
        return result

    def compare(self, node: Compare, active: BoolArray | None) -> BoolArray:
        left = self.value(node.operands[0], active)
        result: BoolArray = np.array(True)
        for symbol, operand in zip(node.operators, node.operands[1:], strict=True):
            if result.size == 1 and not result.all():
                break
            right = self.value(operand, active if result.size == 1 else _narrowed(active, result))
            result = result & _COMPARE[symbol](left, right)
            left = right
        return result

    def if_else(self, node: IfElse, active: BoolArray | None) -> FloatArray:
        condition = self.truth(node.condition, active)
        if condition.size == 1:
            return self.value(node.then if condition.all() else node.otherwise, active)
        then = self.value(node.then, _narrowed(active, condition))
        return np.where(condition, then, self.value(node.otherwise, _narrowed(active, ~condition)))

    def binary(self, node: Binary, active: BoolArray | None) -> FloatArray:
        left, right = self.value(node.left, active), self.value(node.right, active)
        if node.operator == "**":
            return self.power(node, left, right, active)
        if node.operator == "/" and (right == 0.0).any():
            remedy = "say what holds then: a / b if b != 0 else 0"
            self.refuse(right == 0.0, active, [(node.right, right)], "a divisor must not be 0", remedy)
        return _written(_UFUNCS[node.operator], left, right)

    def power(
        self, node: Binary, base: FloatArray, exponent: FloatArray, active: BoolArray | None
    ) -> FloatArray:
        result: FloatArray = np.power(base, exponent)
        if np.isfinite(result).all():
            return result
        bad = ~np.isfinite(result) & np.isfinite(base) & np.isfinite(exponent)
        shown = [(node.left, base), (node.right, exponent)]
        complex_power = np.isnan(result)
        for kind, rule, remedy in (
            (base == 0.0, "0 must not be raised to a negative power", "exclude a base of 0"),
            (complex_power, "a negative number must be raised to a whole power only", "exclude such bases"),
            (~complex_power, "a power must not be too large for a number", "check base and exponent"),
        ):
            self.refuse(bad & kind, active, shown, rule, remedy)
        return result

    def call(self, node: Call, active: BoolArray | None) -> FloatArray:
        function = FUNCTIONS[node.function]
        assert function.implementation is not None
        arguments = [self.value(argument, active) for argument in node.arguments]
        shown = list(zip(node.arguments, arguments, strict=True))
        for parameter, (part, given) in zip(function.parameters, shown, strict=False):
            bad = parameter.domain.outside(given)
            if bad is not None:
                rule = f"'{parameter.name}' of {function.signature} must be {parameter.domain}"
                self.refuse(bad, active, [(part, given)], rule, _KEEP_INSIDE)
        left_out = function.parameters[len(arguments) :]
        result = function.implementation(*arguments, *(np.array(p.default) for p in left_out))
        bad = function.result.outside(result)
        if bad is not None:
            rule = f"{function.signature} must be {function.result}"
            self.refuse(bad, active, [(node, result), *shown], rule, "check the arguments")
        if function.overflows and not np.isfinite(result).all():
            bad = np.isinf(result) & np.isfinite(arguments[0])
            rule = f"{function.signature} must not be too large for a number"
            self.refuse(bad, active, shown, rule, "check the argument")
        return result

    def table(self, node: TableRef, active: BoolArray | None) -> FloatArray:
        problem = table_problem(node, self.tables, self.name)
        if problem is not None:
            raise FormulaError(self.name, self.text, problem.rule, problem.found, problem.remedy)
        table, keys = self.tables[node.table], [self.value(key, active) for key in node.keys]
        result, missing = read_table(node, table, keys)
        if missing.any():
            shown = list(zip(node.keys, keys, strict=True))
            what = "stand in" if node.method == "lookup" else "lie within"
            rule = (
                f"the key of {node.method} must {what} table '{node.table}' ({key_range(table, len(keys))})"
            )
            self.refuse(missing, active, shown, rule, _KEY_REMEDIES[node.method])
        return result

    def refuse(
        self,
        bad: BoolArray,
        active: BoolArray | None,
        shown: Sequence[tuple[Node | str, FloatArray]],
        rule: str,
        remedy: str,
    ) -> None:
        """Raise when ``bad`` holds for an active element; say how many, and show the first."""
        hits = bad if active is None else bad & active
        count = np.count_nonzero(hits)
        if not count:
            return
        first = np.unravel_index(int(np.argmax(hits)), hits.shape)
        numbers = {
            self.label(part): plain(float(np.broadcast_to(array, hits.shape)[first])) for part, array in shown
        }
        error = FormulaError(self.name, self.text, rule, _shown(numbers), remedy)
        if hits.size == 1:
            raise error
        raise error.at(Places(int(count), hits.size, _position(hits.shape, first)))

    def label(self, part: Node | str) -> str:
        return part if isinstance(part, str) else printable(self.text[slice(*part.span)])


def _shown(numbers: Mapping[str, str]) -> str:
    """Return ``label = number`` for all that is not a number in the formula itself."""
    computed = [f"{label} = {number}" for label, number in numbers.items() if label != number]
    return ", ".join(computed or numbers.values())


def _position(shape: tuple[int, ...], index: tuple[np.intp, ...]) -> dict[str, int]:
    """Return an element's place along the axes that are longer than 1."""
    places = zip(AXES, shape, index, strict=True)
    return {axis: int(place) for axis, length, place in places if length > 1}


def _narrowed(active: BoolArray | None, condition: BoolArray) -> BoolArray:
    return condition if active is None else active & condition


def _written(ufunc: np.ufunc, left: FloatArray, right: FloatArray) -> FloatArray:
    """Apply ``ufunc``, into an operand's memory where that is an intermediate result of the right shape."""
    target = None
    if left.flags.writeable and _holds(left, right):
        target = left
    elif right.flags.writeable and _holds(right, left):
        target = right
    result: FloatArray = ufunc(left, right, out=target)
    return result


def _holds(target: FloatArray, other: FloatArray) -> bool:
    return not other.ndim or (target.ndim == other.ndim and all(map(operator.ge, target.shape, other.shape)))
