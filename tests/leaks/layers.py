"""One layer of isolation switched off, for the other to be seen alone."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.db.models import QuerySet
from django.db.models.sql.where import WhereNode

from leadhub.core.tenancy import context
from leadhub.core.tenancy.context import Scope

OURS = ("leads", "partners", "kpis")


@contextmanager
def without_access_functions() -> Iterator[set[str]]:
    """Let every ``…_visible_to`` find all rows there are; names those that were replaced."""
    # A module imported only now would keep what it finds replaced.
    import_module(settings.ROOT_URLCONF)
    replaced = set()
    with pytest.MonkeyPatch.context() as patch:
        for module in [m for n, m in sys.modules.items() if n.split(".")[0] in OURS]:
            for name, found in list(vars(module).items()):
                if name.endswith("_visible_to") and callable(found):
                    patch.setattr(module, name, _unscoped(found))
                    replaced.add(name)
        yield replaced


def _unscoped(read: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(read)
    def read_all(*args: Any, **kwargs: Any) -> Any:
        found = read(*args, **kwargs)
        if isinstance(found, QuerySet):
            found = found.all()
            found.query.where = WhereNode()
        return found

    return read_all


@contextmanager
def without_row_security() -> Iterator[None]:
    """Let the database show every row and every column in every context."""
    tell_database = context._tell_database

    def tell_all(scope: Scope) -> None:
        tell_database(replace(scope, partners="", system="row security is off"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(context, "_tell_database", tell_all)
        yield
