"""The formula language: short formulas in Python's expression syntax, read safely and computed on arrays.

A formula is read once (:func:`parse`) into a tree of plain values. Computing it (:func:`evaluate`) is one
reader of that tree; printing it as a spreadsheet formula, as mathematics or as an arrow of the influence
diagram are others. Nothing of a formula is ever run as Python.
"""

from costmodel.formulas.checking import check, order
from costmodel.formulas.errors import FormulaError, Problem
from costmodel.formulas.evaluation import AXES, evaluate
from costmodel.formulas.functions import FUNCTIONS, RESERVED, Domain, FloatArray, Function, Parameter
from costmodel.formulas.lookups import LookupTable
from costmodel.formulas.nodes import (
    BUILT_IN,
    Binary,
    Call,
    Compare,
    Expression,
    IfElse,
    Logic,
    Name,
    Node,
    Number,
    TableRef,
    Unary,
    children,
    rename,
    walk,
)
from costmodel.formulas.parsing import constant, parse

__all__ = [
    "AXES",
    "BUILT_IN",
    "FUNCTIONS",
    "RESERVED",
    "Binary",
    "Call",
    "Compare",
    "Domain",
    "Expression",
    "FloatArray",
    "FormulaError",
    "Function",
    "IfElse",
    "Logic",
    "LookupTable",
    "Name",
    "Node",
    "Number",
    "Parameter",
    "Problem",
    "TableRef",
    "Unary",
    "check",
    "children",
    "constant",
    "evaluate",
    "order",
    "parse",
    "rename",
    "walk",
]
