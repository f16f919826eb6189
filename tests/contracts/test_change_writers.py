"""Whoever writes a table of the set-up records it: found in the code, whatever reaches it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps

import kpis
import leads
import partners
from tests.contracts.set_up import SET_UP

# Functions that write a table of the set-up and need not record it: name -> why.
UNRECORDED = {
    "partners.portfolio_index.carry_absences": "follows from what its callers record",
    "partners.portfolio_index.rebuild_portfolio": "follows from what its callers record",
    "partners.portfolio_index.rebuild_portfolios": "follows from what its callers record",
}

RECORDS = {"record_change", "record_changes"}
WRITES = re.compile(
    r"create|update|delete|save|bulk_create|bulk_update|get_or_create|update_or_create"
)


INTERFACES = ("migrations", "models", "management", "urls", "templatetags")


def test_records_wherever_a_table_of_the_set_up_is_written() -> None:
    """In the code: a public function that comes to write one has to come to record it, too."""
    silent = set(_writers(recording=False))

    assert silent == UNRECORDED.keys()
    assert {"partners.network.save_partner", "leads.policies.publish_policy"} <= set(
        _writers(recording=True)
    )


def _writers(*, recording: bool) -> Iterator[str]:
    models = {model.__name__ for model in apps.get_models() if model._meta.db_table in SET_UP}
    for app in (partners, leads, kpis):
        root = Path(app.__path__[0])
        for file in sorted(root.rglob("*.py")):
            if set(file.relative_to(root).parts[:-1]) & set(INTERFACES):
                continue
            module = ".".join((app.__name__, *file.relative_to(root).with_suffix("").parts))
            found = _writers_in(file.read_text(), models, recording=recording)
            yield from (f"{module}.{name}" for name in found)


def _writers_in(source: str, models: set[str], *, recording: bool) -> Iterator[str]:
    functions = {
        node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)
    }
    for name, function in functions.items():
        if name.startswith("_"):
            continue
        reached = _reached(function, functions)
        writes = any(_writes(one, models) for one in reached)
        records = any(RECORDS & _called(one) for one in reached)
        if writes and records == recording:
            yield name


def _reached(
    function: ast.FunctionDef, functions: dict[str, ast.FunctionDef]
) -> list[ast.FunctionDef]:
    found, waiting = [function], [function]
    while waiting:
        for name in _called(waiting.pop()):
            called = functions.get(name)
            if called is not None and called not in found:
                found.append(called)
                waiting.append(called)
    return found


def _called(function: ast.FunctionDef) -> set[str]:
    calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return {call.id for call in calls if isinstance(call, ast.Name)}


def _writes(function: ast.FunctionDef, models: set[str]) -> bool:
    """Whether ``Model.objects....create(...)`` and the like stand in a function."""
    for node in ast.walk(function):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if WRITES.fullmatch(node.func.attr):
            names = {part.id for part in ast.walk(node.func) if isinstance(part, ast.Name)}
            if names & models:
                return True
    return False
