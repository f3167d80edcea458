"""Imports inside the package point upwards in the list of layers, never down."""

import ast
from pathlib import Path

import costmodel

PACKAGE = Path(costmodel.__file__).parent
LAYERS = [
    ["errors", "public"],
    ["checks", "files", "units", "workers"],
    ["tables"],
    ["datasets"],
    ["money"],
    ["formulas"],
    ["inputs"],
    ["prices"],
    ["populations"],
    ["model"],
    ["analysis"],
    ["study"],
    ["report"],
    ["cli"],
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
APART = [("prices", "model"), ("populations", "model"), ("populations", "prices")]


def modules():
    return [path for path in PACKAGE.rglob("*.py") if "_bundle" not in path.parts]


def layer(path):
    relative = path.relative_to(PACKAGE)
    return relative.parts[0].removesuffix(".py")


def imports(path):
    """Yield every costmodel layer a module imports, also inside functions; type checking apart."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [node.module]
            if node.module == "costmodel":
                names = [f"costmodel.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "costmodel" and len(parts) > 1 and parts[1] in RANK:
                yield parts[1]


def test_every_module_belongs_to_a_layer():
    unknown = {layer(path) for path in modules()} - set(RANK) - {"__init__"}
    assert not unknown


def test_imports_point_upwards():
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {other}"
        for path in modules()
        if layer(path) != "__init__"
        for other in imports(path)
        if RANK[other] > RANK[layer(path)]
    ]
    assert not wrong


def test_price_only_work_needs_no_model():
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {other}"
        for path in modules()
        for other in imports(path)
        if (layer(path), other) in APART
    ]
    assert not wrong


def test_files_stay_small():
    long = {
        str(path.relative_to(PACKAGE)): count
        for path in modules()
        if (count := len(path.read_text().splitlines())) > 420
    }
    assert not long
