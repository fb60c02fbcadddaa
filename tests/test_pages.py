"""Files in pages/ can be executed bare on a cold server, so they do nothing but define and hand over."""

import ast
from pathlib import Path

import pytest

from components import access

PAGES = Path(__file__).parent.parent / "pages"
MODULES = sorted(path for path in PAGES.glob("*.py") if path.name != "__init__.py")
HAND_OVER = 'if __name__ == "__main__":\n    from app import main\n\n    main()'


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_page_only_defines_and_hands_over(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    *body, last = tree.body
    assert ast.dump(last) == ast.dump(ast.parse(HAND_OVER).body[0])
    for statement in body:
        if isinstance(statement, ast.Assign):
            ast.literal_eval(statement.value)  # constants: computed by nothing
            continue
        docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        assert docstring or isinstance(statement, ast.Import | ast.ImportFrom | ast.FunctionDef), statement.lineno
        if isinstance(statement, ast.FunctionDef):
            defaults = [*statement.args.defaults, *statement.args.kw_defaults]
            assert all(isinstance(default, ast.Constant | None) for default in defaults), statement.lineno


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_page_begins_with_its_role_check(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    guarded = [functions["show"], *(f for f in functions.values() if f.decorator_list)]
    for function in guarded:
        first = function.body[1 if ast.get_docstring(function) else 0]
        check = ast.unparse(first).removeprefix("person = ")
        assert check in {"access.require(PAGE)", f"access.require({path.stem!r})"}, function.name


def test_every_page_has_its_roles():
    assert {path.stem for path in MODULES} == set(access.ROLES)
