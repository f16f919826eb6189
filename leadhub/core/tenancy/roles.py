"""Whether row level security binds the role that the product works as, asked of the database.

Each new connection asks, so that no request is ever answered by a role that sees every tenant;
web server, worker and timers ask when they start, so that this is noticed then.
"""

import logging
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connection

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a role must not be worked as.

    :ivar id: of the system check.
    """

    id: str
    message: str
    hint: str


USE_RUNTIME_ROLE = (
    "Let DATABASE_URL name a role with no other rights than those that docs/operating.md lists; "
    "DATABASE_OWNER_URL names the one that owns the tables."
)
CAN_BYPASS = Fault(
    "leadhub.E001",
    "The role of DATABASE_URL can bypass row level security, or become a role that can.",
    USE_RUNTIME_ROLE,
)
OWNS_TABLES = Fault(
    "leadhub.E002",
    "The role of DATABASE_URL owns tables, or can become their owner.",
    USE_RUNTIME_ROLE,
)
NOT_FORCED = Fault(
    "leadhub.E003",
    "A table of tenants is not under forced row level security.",
    "Run `bin/manage migrate --database owner`; if it has nothing to do, somebody switched row "
    "level security off by hand.",
)

# What the session could become counts as well as what it is now.
_ASK = """
    SELECT
        EXISTS (SELECT FROM pg_roles r WHERE (r.rolsuper OR r.rolbypassrls)
                AND pg_has_role(session_user, r.oid, 'MEMBER')),
        EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
                AND c.relkind IN ('r', 'p') AND pg_has_role(session_user, c.relowner, 'MEMBER')),
        EXISTS (SELECT FROM pg_class c
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'manufacturer_id'
                WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
                AND NOT (c.relrowsecurity AND c.relforcerowsecurity))
"""


class UnsafeDatabase(ImproperlyConfigured):
    """Row level security would not keep tenants apart.

    :ivar faults: why.
    """

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(" ".join(f"({f.id}) {f.message} {f.hint}" for f in faults))


def find_faults(connected: Any) -> list[Fault]:
    """Ask the database what speaks against working as the role of a connection.

    :param connected: a connection of the driver, with each statement a transaction of its own.
    """
    with closing(connected.cursor()) as cursor:
        cursor.execute(_ASK)
        answers = cursor.fetchone()
    faults = (CAN_BYPASS, OWNS_TABLES, NOT_FORCED)
    return [fault for fault, is_so in zip(faults, answers, strict=True) if is_so]


def refuse_unsafe(connected: Any) -> None:
    """Refuse a role that row level security does not bind.

    :raises UnsafeDatabase: naming every reason.
    """
    faults = find_faults(connected)
    if faults:
        raise UnsafeDatabase(faults)


def refuse_to_start_unsafe() -> None:
    """Refuse to start a process whose database role is not safe.

    A database that does not answer is left to the first request: its connection asks again.

    :raises SystemExit: with the reasons, for whoever started the process.
    """
    try:
        connection.ensure_connection()
    except UnsafeDatabase as refusal:
        raise SystemExit(str(refusal)) from None
    except Error as error:
        logger.warning("the database does not answer (%s); starting", type(error).__name__)
    finally:
        connection.close()
