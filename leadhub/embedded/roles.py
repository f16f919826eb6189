"""The roles of the database: one owns the tables, the other one works with the rows.

Row level security binds a role only if it neither owns the tables nor may bypass it. So the
owner migrates and nothing else, and every process of the product works as the runtime role.
Granted to it are the four row operations on whatever the owner creates later: no TRUNCATE, which
would go around row level security. What a single table refuses it (events are only appended) its
migration revokes.

A third one copies the whole server for backups and can do nothing else; it reads all there is, so
only what makes backups knows its password.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg2
from psycopg2 import errorcodes, sql

from leadhub.embedded.failures import CannotStart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg2.extensions import connection, cursor

OWNER = "leadhub_owner"
RUNTIME = "leadhub_app"
BACKUP = "leadhub_backup"
# Those that only a superuser may create; the owner's migrations create the trusted ones.
EXTENSIONS: tuple[str, ...] = ()
_TIMEOUT = 5  # seconds to reach a server

_ROLE = (
    "{verb} ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB {replication} "
    "PASSWORD {password}"
)
_GRANTS = (
    "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    "GRANT CONNECT ON DATABASE {database} TO {runtime}",
    "GRANT USAGE ON SCHEMA public TO {runtime}",
    "ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {runtime}",
    "ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO {runtime}",
    "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO {runtime}",
)


@dataclass(frozen=True)
class Role:
    """A role to be, with its password."""

    name: str
    password: str


class RoleTaken(CannotStart):
    """A role of that name is there with another password."""


def ensure_roles(
    admin_url: str,
    *,
    database: str,
    owner: Role,
    runtime: Role,
    may_reset_passwords: bool = True,
) -> None:
    """Make the roles and the database as far as they are missing, and grant what is granted.

    This function will do nothing on a second call.

    :raises RoleTaken: if a role exists with another password that may not be reset.
    """
    with closing(connected(admin_url)) as admin, admin.cursor() as cursor:
        if admin.server_version >= 160_000:  # noqa: PLR2004
            # who may create roles but is no superuser has to be able to act as the owner below
            cursor.execute("SET createrole_self_grant = 'set, inherit'")
        for role in (owner, runtime):
            _ensure_role(cursor, role, _with(admin_url, role=role), resets=may_reset_passwords)
        _ensure_database(cursor, database, owner)
    _ensure_extensions(_with(admin_url, database=database))
    grant_to_runtime(_with(admin_url, role=owner, database=database), runtime=runtime.name)


def grant_to_runtime(owner_url: str, *, runtime: str) -> None:
    """Grant the runtime role its rights on what the owner has, now and later."""
    names = {
        "runtime": sql.Identifier(runtime),
        "database": sql.Identifier(urlsplit(owner_url).path.removeprefix("/")),
    }
    with closing(connected(owner_url)) as owned, owned.cursor() as cursor:
        for statement in _GRANTS:
            cursor.execute(sql.SQL(statement).format(**names))


def ensure_backup_role(admin_url: str, role: Role) -> None:
    """Make the role that may copy the server, or give it its password again."""
    with closing(connected(admin_url)) as admin, admin.cursor() as cursor:
        _write_role(cursor, role, replicates=True)


def ensure_roles_of(admin_url: str, *, owner_url: str, runtime_url: str) -> None:
    """Make the roles and the database that two addresses name."""
    owner, runtime = (
        Role(role_of(url), unquote(urlsplit(url).password or ""))
        for url in (owner_url, runtime_url)
    )
    database = urlsplit(owner_url).path.removeprefix("/")
    ensure_roles(admin_url, database=database, owner=owner, runtime=runtime)


def with_role(url: str, role: Role) -> str:
    """Return the address of the same database for another role."""
    return _with(url, role=role)


def role_of(url: str) -> str:
    """Name the role of an address."""
    return unquote(urlsplit(url).username or "")


def can_bypass_row_security(url: str) -> bool:
    """Tell whether row level security would not bind the role of an address."""
    query = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    return _answer(url, query)


def can_create_roles(url: str) -> bool:
    """Tell whether the role of an address could make the other ones."""
    query = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    return _answer(url, query)


def _answer(url: str, query: str) -> bool:
    with closing(connected(url)) as asked, asked.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    return bool(row and row[0])


def connected(url: str) -> connection:
    """Connect for single statements."""
    made = psycopg2.connect(_for_libpq(url), connect_timeout=_TIMEOUT)
    made.autocommit = True  # CREATE DATABASE refuses a transaction
    return made


def _ensure_role(cursor: cursor, role: Role, url: str, *, resets: bool) -> None:
    if _exists(cursor, role) and not resets:
        _check_password(role, url)
        return
    _write_role(cursor, role)


def _exists(cursor: cursor, role: Role) -> bool:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role.name])
    return cursor.fetchone() is not None


def _write_role(cursor: cursor, role: Role, *, replicates: bool = False) -> None:
    cursor.execute(
        sql.SQL(_ROLE).format(
            verb=sql.SQL("ALTER" if _exists(cursor, role) else "CREATE"),
            role=sql.Identifier(role.name),
            replication=sql.SQL("REPLICATION" if replicates else "NOREPLICATION"),
            password=sql.Literal(role.password),
        )
    )


def _check_password(role: Role, url: str) -> None:
    try:
        connected(url).close()
    except psycopg2.OperationalError as error:
        if "password" not in str(error):
            return  # the role may not enter this database, but its password was taken
        msg = (
            f"The database server has a role {role.name} that another leadhub uses: "
            "set DATABASE_URL and DATABASE_OWNER_URL to roles of this one."
        )
        raise RoleTaken(msg) from error


def _ensure_database(cursor: cursor, database: str, owner: Role) -> None:
    names = {"database": sql.Identifier(database), "owner": sql.Identifier(owner.name)}
    cursor.execute("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s", [database])
    found: Sequence[str] | None = cursor.fetchone()
    if found is None:
        cursor.execute(
            sql.SQL(
                "CREATE DATABASE {database} OWNER {owner} TEMPLATE template0 ENCODING 'UTF8'"
            ).format(**names)
        )
    elif found[0] != owner.name:
        cursor.execute(sql.SQL("ALTER DATABASE {database} OWNER TO {owner}").format(**names))


def _ensure_extensions(url: str) -> None:
    """Create what only a superuser may; another administrator is left to a migration's message."""
    with closing(connected(url)) as admin, admin.cursor() as cursor:
        for name in EXTENSIONS:
            try:
                statement = sql.SQL("CREATE EXTENSION IF NOT EXISTS {} CASCADE")
                cursor.execute(statement.format(sql.Identifier(name)))
            except psycopg2.Error as error:
                if error.pgcode != errorcodes.INSUFFICIENT_PRIVILEGE:
                    raise


def _with(url: str, *, role: Role | None = None, database: str | None = None) -> str:
    """Return the address for another role or database of the same server."""
    parts = urlsplit(url)
    if role:
        server = parts.netloc.rpartition("@")[2]
        parts = parts._replace(netloc=f"{role.name}:{role.password}@{server}")
    if database:
        parts = parts._replace(path=f"/{database}")
    return urlunsplit(parts)


def _for_libpq(url: str) -> str:
    """Return the address as libpq reads it; the settings allow more names for its kind."""
    return urlunsplit(urlsplit(url)._replace(scheme="postgresql"))
