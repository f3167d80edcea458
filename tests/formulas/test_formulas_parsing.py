"""What a formula may hold, what it may not, and that nothing in it is ever run."""

import builtins
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costmodel.errors import CostModelError
from costmodel.formulas import (
    FUNCTIONS,
    Binary,
    Call,
    Compare,
    FormulaError,
    IfElse,
    Logic,
    Name,
    Number,
    TableRef,
    Unary,
    constant,
    evaluate,
    parse,
)

A, B, C = Name("a"), Name("b"), Name("c")


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("0.03", Number(0.03)),
        ("1_000", Number(1000.0)),
        ("True", Number(1.0)),
        ("-a", Unary("-", A)),
        ("+a", Unary("+", A)),
        ("a - b - c", Binary("-", Binary("-", A, B), C)),
        ("a ** b ** c", Binary("**", A, Binary("**", B, C))),
        ("-a ** 2", Unary("-", Binary("**", A, Number(2.0)))),
        ("a + b * c", Binary("+", A, Binary("*", B, C))),
        ("(a + b) / c", Binary("/", Binary("+", A, B), C)),
        ("a < b <= c", Compare(("<", "<="), (A, B, C))),
        ("a == b", Compare(("==",), (A, B))),
        ("a and b and c", Logic("and", (A, B, C))),
        ("a or not b", Logic("or", (A, Logic("not", (B,))))),
        ("a if b else c", IfElse(B, A, C)),
        ("max(a, 0)", Call("max", (A, Number(0.0)))),
        ("lookup(life, a)", TableRef("lookup", "life", None, (A,))),
        ("lookup(life, q, a)", TableRef("lookup", "life", "q", (A,))),
        ("lookup(life, q, a, b)", TableRef("lookup", "life", "q", (A, B))),
        ("lookup(life, 1, a)", TableRef("lookup", "life", None, (Number(1.0), A))),
        ("step(life, a + 1)", TableRef("step", "life", None, (Binary("+", A, Number(1.0)),))),
        ("interpolate(life, q, a)", TableRef("interpolate", "life", "q", (A,))),
    ],
)
def test_tree(text, node):
    assert parse(text).node == node


def test_expression_knows_its_names_and_tables():
    formula = parse("a * lookup(life, q, max(b, 1)) + step(tariff, c) - a")
    assert formula.names == {"a", "b", "c"}
    assert formula.tables == {"life", "tariff"}
    assert parse("0.03").names == frozenset()


def test_several_lines_are_one_formula():
    formula = parse("\n  max(a,\n      b)\n  * c\n")
    assert formula.text == "max(a, b) * c"
    assert formula.node == parse("max(a, b) * c").node


def test_parts_know_where_they_stand():
    formula = parse("a +  (b - c) / 2")
    assert isinstance(formula.node, Binary)
    division = formula.node.right
    assert formula.text[slice(*division.span)] == "(b - c) / 2"


@pytest.mark.parametrize("value", [0.03, -2.5, 1e-300, 1.7e308, -0.0, 3.0, 1e22, 0.1 + 0.2])
def test_constant_keeps_every_digit(value):
    formula = constant(value)
    assert evaluate(formula, {}).item() == value
    assert formula == parse(formula.text)
    assert not formula.names


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_constant_is_finite(value):
    with pytest.raises(CostModelError, match="constant"):
        constant(value)


REFUSED = [
    ("a.b", "attributes", "plain name"),
    ("a[0]", "subscripts", "lookup(table"),
    ("[1, 2]", "list", "name of its own"),
    ("{1: 2}", "dictionary", "name of its own"),
    ("'x'", "quotation marks", "without quotation marks"),
    ('a + "x"', "quotation marks", "without quotation marks"),
    ("b'x'", "quotation marks", "without quotation marks"),
    ("“a”", "quotation marks", "without quotation marks"),
    ("f'{a}'", "f-string", "without quotation marks"),
    ("rate_to_prob(0.1, years=2)", "name=value", "in their order"),
    ("max(*a)", "starred", "one by one"),
    ("max(**a)", "name=value", "in their order"),
    ("lambda x: x", "lambda", "formula of its own"),
    ("lambda * 2", "word of Python's grammar", "rename the parameter"),
    ("max([x, y])", "list, set", "name of its own"),
    ("[x for x in y]", "comprehension", "one by one"),
    ("max(x for x in y)", "comprehension", "one by one"),
    ("{x for x in y}", "comprehension", "one by one"),
    ("{x: 1 for x in y}", "comprehension", "one by one"),
    ("(y := 2)", "assign a name (:=)", "formula of its own"),
    ("y := 2", "assign a name (:=)", "formula of its own"),
    ("a % b", "must not use %", "floor(a / b)"),
    ("5%", "must not use %", "5% as 0.05"),
    ("a // b", "must not use //", "floor(a / b)"),
    ("a ^ b", "must not use ^", "a power is written **"),
    ("a & b", "must not use &", "write 'and'"),
    ("a && b", "must not use &&", "write 'and' or 'or'"),
    ("a | b", "must not use |", "write 'or'"),
    ("a || b", "must not use && or ||", "write 'and' or 'or'"),
    ("~a", "must not use ~", "write 'not'"),
    ("!a", "must not use !", "write 'not'"),
    ("a << 2", "<< or >>", "a * 2 ** b"),
    ("a @ b", "must not use @", "term by term"),
    ("a is b", "must not use 'is'", "== or !="),
    ("a is not b", "must not use 'is'", "== or !="),
    ("a in b", "must not use 'in'", "a == 1 or a == 2"),
    ("a not in b", "must not use 'in'", "a == 1 or a == 2"),
    ("a = b", "single =", "write =="),
    ("= a + b", "must not begin with =", "leave out the first ="),
    ("a <> b", "Python's comparisons", "!="),
    ("a => b", "Python's comparisons", ">="),
    ("a; b", "several statements", "name of its own"),
    ("a\nb", "one expression", "operator"),
    ("import os", "word of Python's grammar", "rename"),
    ("yield a", "word of Python's grammar", "rename"),
    ("await a", "must hold only numbers, names", "make the value a parameter"),
    ("a # half of it", "comment (#)", "beside the formula"),
    ("a # half\n + b", "comment (#)", "beside the formula"),
    ("prix_é", "unaccented Latin letters", "rename"),
    ("ａ + 1", "unaccented Latin letters", "rename"),
    ("a × b", "Python's operators", "write * instead"),
    ("a − b", "Python's operators", "write - instead"),
    ("a\u200b + b", "signs of the keyboard", "delete the character"),
    ("$5", "currency sign", "number alone"),
    ("5 €", "currency sign", "number alone"),
    ("0,5 * a", "commas only between", "0.5, not 0,5"),
    ("0,05", "commas only between", "0.5, not 0,5"),
    ("1,000", "commas only between", "thousands without a separator"),
    ("a, b", "commas only between", "0.5, not 0,5"),
    ("", "must not be empty", "write a number"),
    (" \n ", "must not be empty", "write a number"),
    ("2x", "operator between a number", "write *: 2 * x"),
    ("5 mg", "operator between a number", "write *: 2 * x"),
    ("2 (a + b)", "operator before a bracket", "write *"),
    ("a b", "operator between two values", "names hold no blanks"),
    ("(a) b", "operator between two values", "write the operator"),
    ("a if b", "what holds otherwise", "value if condition else other_value"),
    ("if(a, b, c)", "what holds otherwise", "value if condition else other_value"),
    ("a ? b : c", "must not use ?", "value if condition else other_value"),
    ("a +", "must not end with an operator", "complete"),
    ("a and", "must not end with an operator", "complete"),
    ("* a", "must not begin with an operator", "complete"),
    ("(a + b", "close every bracket", "1 opening and 0 closing"),
    ("a)", "close every bracket", "0 opening and 1 closing"),
    ("007", "leading zeros", "write 7, not 007"),
    ("0x10", "decimal digits", "1.5e-3"),
    ("2j", "decimal digits", "1.5e-3"),
    ("None", "must hold only numbers, names", "make the value a parameter"),
    ("...", "must hold only numbers, names", "make the value a parameter"),
    ("a -> b", "must be an expression", "a * b + c"),
    ("a\x00", "must be an expression", "a * b + c"),
    ("rate_to_prb(0.1)", "known functions", "did you mean 'rate_to_prob'?"),
    ("EXP(a)", "known functions", "did you mean 'exp'?"),
    ("ln(a)", "known functions", "log(x)"),
    ("pow(a, b)", "known functions", "a ** b"),
    ("IF(a, b, c)", "known functions", "value if condition else other_value"),
    ("SUM(a, b)", "known functions", "+ between"),
    ("eval(a)", "known functions", "the functions are min, max, exp"),
    ("price(1 - rebate)", "known functions", "to multiply write *"),
    ("min + 1", "function's name as a variable", "min(x, y, …)"),
    ("min(a)", "min 2 or more arguments", "min(x, y, …)"),
    ("log(a, 10)", "log 1 argument; found 2", "log(x)"),
    ("rate_to_prob()", "rate_to_prob 1 to 2 arguments; found 0", "years=1"),
    ("lookup(life)", "lookup 2 or more arguments", "[column]"),
    ("step(life, a, b, c)", "step 2 to 3 arguments", "[column]"),
    ("lookup('life', a)", "name of a table first", "lookup(table, [column], key, …)"),
    ("lookup(2, a)", "name of a table first", "lookup(table"),
    ("step(life, 1, 2)", "name of a column after the table", "step(table"),
    ("1e999", "below 1.8e308", "smaller"),
    ("9" * 400, "below 1.8e308", "400 characters"),
    ("2 ** 1001", "exponents of at most 1,000", "1001"),
    ("2 ** -1e9", "exponents of at most 1,000", "-1e9"),
]


@pytest.mark.parametrize(("text", "rule", "remedy"), REFUSED)
def test_refused_constructs_say_the_rule_and_the_remedy(text, rule, remedy):
    with pytest.raises(FormulaError) as caught:
        parse(text, name="net_cost")
    message = str(caught.value)
    assert "net_cost" in message
    assert rule in message
    assert remedy in message
    assert caught.value.rule
    assert caught.value.found
    assert caught.value.remedy


ATTACKS = [
    "__import__('os').system('true')",
    "().__class__.__base__.__subclasses__()",
    "open('x')",
    "exec(a)",
    "print(a)",
    "globals()",
    "breakpoint()",
    "(lambda: a)()",
    "a.__globals__",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_is_run(text, monkeypatch):
    def never(*_, **__):
        raise AssertionError("code was run")

    for name in ("eval", "exec", "__import__"):
        monkeypatch.setattr(builtins, name, never)
    with pytest.raises(FormulaError):
        parse(text)


HOSTILE = {
    "minus": "-" * 1999 + "1",
    "signs": "+-" * 999 + "1",
    "not": "not " * 499 + "1",
    "brackets": "(" * 999 + "1" + ")" * 999,
    "open": "(" * 2000,
    "closed": ")" * 2000,
    "lists": "[" * 1000 + "]" * 1000,
    "powers": "9**" * 600 + "9",
    "tower": "9**9**9**9",
    "branches": "1 if 1 else " * 150 + "1",
    "calls": "exp(" * 300 + "1" + ")" * 300,
    "sum": "1+" * 999 + "1",
    "attributes": "a" + ".a" * 999,
    "subscripts": "a" + "[a" * 400 + "]" * 400,
    "words": "a " * 999,
    "numbers": "1." * 999,
    "arguments": "min(" + "1," * 990 + "1)",
    "comparisons": "1<" * 900 + "1",
    "digits": "9" * 2000,
    "exponent": "1e" + "9" * 1990,
    "lambdas": "lambda:" * 280 + "1",
    "f-strings": "f'{" * 600,
    "ifs": "if " * 660,
    "stars": "*" * 2000,
    "surrogate": "\ud800 + a",
    "zero": "\x00" * 50,
    "escape": "\x1b[31m + a",
    "backslash": "a + \\",
    "long": "a" * 10_000_000,
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_texts_are_refused_at_once(case):
    start = time.perf_counter()
    with pytest.raises(FormulaError) as caught:
        evaluate(parse(HOSTILE[case]), {"a": 1.0})
    message = str(caught.value)
    assert time.perf_counter() - start < 2
    assert len(message) < 1500
    assert message.isprintable()


def test_limits_are_where_they_are_said_to_be():
    assert parse("a" * 2000).names == {"a" * 2000}
    with pytest.raises(FormulaError, match="at most 2,000 characters; found 2,001"):
        parse("a" * 2001)
    assert parse("-" * 49 + "a")
    with pytest.raises(FormulaError, match="at most 50 parts deep"):
        parse("-" * 50 + "a")
    assert parse("min(" + "a," * 498 + "a)")
    with pytest.raises(FormulaError, match="at most 500 parts"):
        parse("min(" + "a," * 499 + "a)")
    assert parse("2 ** -1000")


def test_a_formula_as_large_as_allowed_is_computed_within_python_s_default_stack():
    assert sys.getrecursionlimit() >= 1000
    assert evaluate(parse("a" + " + a" * 49), {"a": 1.0}).item() == 50
    assert evaluate(parse("a or " * 300 + "a"), {"a": 0.0}).item() == 0


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.sampled_from(list("ab1.,()+-*/%^&|<>=!~@#:;[]{}'\"\\_ \n$é×")), max_size=30)
    | st.lists(
        st.sampled_from(
            [*"ab10+-*/(),.<>= ", " if ", " else ", " not ", " and ", " in ", "lambda ", "**", "max("]
        ),
        max_size=20,
    ).map("".join)
)
def test_any_text_is_a_formula_or_a_formula_error(text):
    try:
        formula = parse(text)
    except FormulaError:
        return
    assert formula == parse(formula.text)
    assert not formula.names & set(FUNCTIONS)
