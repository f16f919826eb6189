"""Turns: one at a time by name, where there is no row yet that could be locked.

An advisory lock of PostgreSQL, held until the transaction ends. Two names that share a number by
chance wait for each other, which costs time and nothing else.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from django.db import connection

WAIT_FOR_TURN = "SELECT pg_advisory_xact_lock(%s)"
# One after the other, in the order in which they are named.
WAIT_FOR_TURNS = "SELECT pg_advisory_xact_lock(turn) FROM unnest(%s::bigint[]) AS turn"
_TAKE_TURN = "SELECT pg_try_advisory_xact_lock(%s)"
_WAIT_WITH_OTHERS = "SELECT pg_advisory_xact_lock_shared(%s)"


def turn_number(*name: object) -> int:
    """Turn a name into a number, the same one in every process."""
    text = "\0".join(map(str, name)).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), signed=True)


def wait_with_others(*name: object) -> None:
    """Wait until nobody has the turn of this name; others that only wait go along."""
    with connection.cursor() as cursor:
        cursor.execute(_WAIT_WITH_OTHERS, [turn_number(*name)])


def take_turn(*name: object) -> bool:
    """Take the turn of this name unless somebody else has it.

    :returns: ``False`` if somebody has.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_TURN, [turn_number(*name)])
        is_taken: bool = cursor.fetchone()[0]
    return is_taken


def wait_for_turn(*name: object) -> None:
    """Wait until nobody else holds this name; the statements that follow see what they did."""
    with connection.cursor() as cursor:
        cursor.execute(WAIT_FOR_TURN, [turn_number(*name)])


def wait_for_turns(names: Iterable[Sequence[object]]) -> None:
    """Wait for several names, in an order that is the same for all, so that none wait in a ring."""
    turns = sorted({turn_number(*name) for name in names})
    with connection.cursor() as cursor:
        cursor.execute(WAIT_FOR_TURNS, [turns])
