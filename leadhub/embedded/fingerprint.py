"""What a database was set up from, to know at the next start that nothing has to be done.

Asking Django costs two seconds of every start; this costs some milliseconds.
"""

from __future__ import annotations

import hashlib
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg2

from leadhub.embedded.application import ROOT
from leadhub.embedded.roles import connected

if TYPE_CHECKING:
    from collections.abc import Iterable

_SOURCES = ("leadhub", "partners", "leads", "kpis")
# Another database, or one whose migrations were taken back or applied by hand, differs in this.
_STATE = """
SELECT (SELECT system_identifier FROM pg_control_system()),
       (SELECT oid FROM pg_database WHERE datname = current_database()),
       (SELECT count(*) FROM django_migrations),
       (SELECT max(id) FROM django_migrations)
"""


def fingerprint(database_url: str, asked_for: Iterable[str]) -> str:
    """Return a digest of the code, the packages, the database's state and what was asked for.

    It is empty, equal to none, where the database does not tell.
    """
    try:
        with closing(connected(database_url)) as asked, asked.cursor() as cursor:
            cursor.execute(_STATE)
            state = cursor.fetchone()
    except psycopg2.Error:
        return ""
    digest = hashlib.sha256(repr((state, *asked_for)).encode())
    files = [file for source in _SOURCES for file in (ROOT / source).rglob("*.py")]
    for file in sorted([*files, ROOT / "requirements" / "base.txt"]):
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
