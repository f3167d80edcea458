"""What formulas must not hold, and what to write instead: one lesson for each construct."""

from __future__ import annotations

import ast
import keyword
import re
import unicodedata
from typing import NamedTuple


class Lesson(NamedTuple):
    """A rule, and what to do."""

    rule: str
    remedy: str


_NAMED_IN_PLACE = "name that part as a formula of its own and use its name"

SYNTAX: dict[type[ast.AST], Lesson] = {
    ast.Attribute: Lesson(
        "must not use attributes (a name, a point, a name)",
        "use the parameter's plain name; read a table with lookup(table, column, key)",
    ),
    ast.Subscript: Lesson(
        "must not use subscripts (square brackets)", "read a table with lookup(table, column, key)"
    ),
    ast.JoinedStr: Lesson("must not hold an f-string", "write names and numbers without quotation marks"),
    ast.Starred: Lesson("must not hold a starred argument", "write the arguments one by one"),
    ast.Lambda: Lesson("must not hold a lambda", _NAMED_IN_PLACE),
    ast.NamedExpr: Lesson("must not assign a name (:=)", _NAMED_IN_PLACE),
    ast.Tuple: Lesson(
        "must hold commas only between the arguments of a function",
        "write decimals with a point (0.5, not 0,5) and thousands without a separator (1000)",
    ),
    **dict.fromkeys(
        (ast.List, ast.Set, ast.Dict),
        Lesson("must not hold a list, set or dictionary", "give each value a name of its own"),
    ),
    **dict.fromkeys(
        (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
        Lesson("must not hold a comprehension", "write the terms one by one"),
    ),
    ast.Mod: Lesson(
        "must not use % (neither percent nor remainder)",
        "write 5% as 0.05; the remainder of a / b is a - b * floor(a / b)",
    ),
    ast.FloorDiv: Lesson("must not use //", "write floor(a / b)"),
    ast.BitXor: Lesson("must not use ^", "a power is written **: a ** b"),
    ast.BitAnd: Lesson("must not use &", "write 'and'"),
    ast.BitOr: Lesson("must not use |", "write 'or'"),
    ast.Invert: Lesson("must not use ~", "write 'not'"),
    ast.MatMult: Lesson("must not use @", "write the sum of products term by term"),
    **dict.fromkeys(
        (ast.LShift, ast.RShift), Lesson("must not use << or >>", "multiply by a power: a * 2 ** b")
    ),
    **dict.fromkeys((ast.Is, ast.IsNot), Lesson("must not use 'is'", "compare numbers with == or !=")),
    **dict.fromkeys(
        (ast.In, ast.NotIn), Lesson("must not use 'in'", "write out the comparisons: a == 1 or a == 2")
    ),
}

OTHER = Lesson(
    "must hold only numbers, names, + - * / **, comparisons, and/or/not, if-else and functions",
    "write it with these, or make the value a parameter",
)
TEXT = Lesson("must not hold text in quotation marks", "write names and numbers without quotation marks")
KEYWORD_ARGUMENT = Lesson(
    "must not name a function's arguments (name=value)", "give the arguments in their order, without names"
)
CURRENCY = Lesson("must not hold a currency sign", "write the number alone; the study says the currency")
DECIMAL = Lesson("must write numbers in decimal digits", "such as 12, 0.5 or 1.5e-3")
COMMENT = Lesson("must not hold a comment (#)", "put the note beside the formula, in the study's file")

FUNCTION_HABITS = {
    "ln": "the natural logarithm is written log(x)",
    "log10": "write log(x) / log(10)",
    "log2": "write log(x) / log(2)",
    "pow": "a power is written **: a ** b",
    "power": "a power is written **: a ** b",
    "if": "write: value if condition else other_value",
    "sum": "write the terms with + between them",
    "average": "add the terms and divide by their number",
    "mean": "add the terms and divide by their number",
    "vlookup": "write lookup(table, column, key), or step(table, column, x) for the row at or below x",
}
"""What people write who come from a spreadsheet or from R, and what stands for it here."""

_TYPOGRAPHY = {
    "\N{MULTIPLICATION SIGN}": "*",
    "·": "*",
    "⋅": "*",
    "÷": "/",
    "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-",
    "—": "-",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "²": "** 2",
    "³": "** 3",
    "√": "sqrt(x)",
    "¬": "not",
    "∧": "and",
    "\N{LOGICAL OR}": "or",
}

_WORDS = "|".join(sorted(set(keyword.kwlist) - {"and", "or", "not", "if", "else", "True", "False", "None"}))

_SPELLINGS: tuple[tuple[str, Lesson], ...] = (
    (
        r"^[*/<>]|^!=|^==",
        Lesson("must not begin with an operator", "complete the formula, or cut its beginning"),
    ),
    (
        r"^=",
        Lesson("must not begin with =", "leave out the first =; the formula's name stands before it"),
    ),
    (r":=", SYNTAX[ast.NamedExpr]),
    (r"=[<>]|<>", Lesson("must use Python's comparisons", "write <= >= == !=")),
    (
        r"(?<![<>=!])=(?!=)",
        Lesson(
            "must not assign with a single =",
            "to compare write ==; the formula's name stands before it in the study's file",
        ),
    ),
    (r";", Lesson("must be one expression, not several statements", "give each formula a name of its own")),
    (r"&&|\|\|", Lesson("must not use && or ||", "write 'and' or 'or'")),
    (r"!(?!=)", Lesson("must not use !", "write 'not', or != for unequal")),
    (r"%", SYNTAX[ast.Mod]),
    (r"\?", Lesson("must not use ?", "write: value if condition else other_value")),
    (r"[\"'`]", TEXT),
    (r"\$", CURRENCY),
    (r"[\[\]]", SYNTAX[ast.Subscript]),
    (r"[{}\\]", Lesson("must not hold braces or backslashes", "group with round brackets ( )")),
    (r"\d,\d", SYNTAX[ast.Tuple]),
    (
        rf"\b({_WORDS})\b",
        Lesson("must not use a word of Python's grammar as a name", "rename the parameter"),
    ),
    (
        r"\bif\b(?!.*\belse\b)",
        Lesson("must say what holds otherwise", "write: value if condition else other_value"),
    ),
    (
        r"(\*\*|[-+*/<>=,]|\b(and|or|not|if|else))$",
        Lesson("must not end with an operator", "complete the formula, or cut its end"),
    ),
    (
        r"(?<![\w.])\d[\d_.]*\s*(?!(?:[eE][+-]?\d|and\b|or\b|if\b|else\b|not\b))[A-Za-z_]\w*",
        Lesson("must have an operator between a number and what follows", "to multiply write *: 2 * x"),
    ),
    (
        r"(?<![\w.])0\d+(?![\d.eE])",
        Lesson("must not write whole numbers with leading zeros", "write 7, not 007"),
    ),
    (
        r"(\b(?!(?:and|or|if|else|not)\b)[\w.]+\s+|\)\s*)(?!(?:and|or|if|else|not)\b)[\w.]+",
        Lesson(
            "must have an operator between two values, and be one expression",
            "write the operator; names hold no blanks; give each formula a name of its own",
        ),
    ),
)


def foreign_character(text: str) -> tuple[str, Lesson] | None:
    """Return the first character that is no ASCII, and the lesson; or None.

    Examples
    --------
    >>> foreign_character("a ÷ b")[1].remedy
    'write / instead'
    """
    found = next((character for character in text if not character.isascii()), None)
    if found is None:
        return None
    if found in _TYPOGRAPHY:
        lesson = Lesson("must use Python's operators", f"write {_TYPOGRAPHY[found]} instead")
    elif unicodedata.category(found) == "Sc":
        lesson = CURRENCY
    elif unicodedata.category(found) in ("Pi", "Pf"):
        lesson = TEXT
    elif found.isalpha():
        lesson = Lesson(
            "must use names of unaccented Latin letters, digits and underscores", "rename the parameter"
        )
    else:
        lesson = Lesson(
            "must hold only letters, digits and the signs of the keyboard", "delete the character"
        )
    return found, lesson


def spelling(text: str) -> tuple[str, Lesson] | None:
    """Return what makes a text no expression, and the lesson; or None when nothing known is found.

    Examples
    --------
    >>> spelling("a = b")
    ('=', Lesson(rule='must not assign with a single =', remedy="to compare write ==; ..."))
    """
    for pattern, lesson in _SPELLINGS:
        found = re.search(pattern, text)
        if found:
            return found.group().strip(), lesson
    opened, closed = text.count("("), text.count(")")
    if opened != closed:
        return (
            f"{opened} opening and {closed} closing",
            Lesson("must close every bracket that it opens", "add or delete a bracket"),
        )
    return None
