"""History cannot change unnoticed: what the owner of the tables edits, the digests find."""

import json
import os
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction
from hypothesis import given, strategies as st

from leadhub.core.ids import new_id
from leadhub.core.tenancy.context import system_context, tenant_context
from leads.audit import Verdict, take_checkpoints, verify_log
from leads.chain import FIRST, Fact, digest_after
from leads.feedback import give_feedback
from leads.models import Assignment, LeadEvent, LogCheckpoint
from tests.acting import HOUR, MINUTE, accept, holder_of
from tests.factories import NOON, Network
from tests.owner import as_owner

NOW = timedelta(0)
DAY = timedelta(days=1)


class Told:
    """A network with two leads in it, one of which a partner works."""

    def __init__(self, slug: str) -> None:
        self.network = Network(slug)
        self.network.policy({"partners": 2})
        self.network.partners(2)
        self.quiet, self.worked = sorted(
            (self.network.lead(), self.network.lead()), key=lambda lead: lead.id
        )
        self.assignment = accept(self.network.offers(self.worked)[0])

    @property
    def verdict(self) -> Verdict:
        return verify_log(self.network.manufacturer.id)

    def report(self, status: str = "REACHED") -> Assignment:
        give_feedback(
            assignment=self.assignment,
            status=status,
            by=holder_of(self.assignment),
            at=NOON + 2 * MINUTE,
        )
        return self.assignment


@pytest.fixture
def told(committed: None) -> Told:
    return Told("acme")


def where_broken(told: Told) -> tuple[Any, int] | None:
    broken = told.verdict.broken
    return (broken.lead_id, broken.sequence) if broken else None


def checkpoint(at: datetime = NOON) -> int:
    return take_checkpoints(at=at, settled=NOW)


def test_finds_a_log_whole(told: Told) -> None:
    told.report()
    checkpoint()

    assert told.verdict == Verdict(leads=2, events=len(all_events(told)), checkpoints=1)


def all_events(told: Told) -> list[LeadEvent]:
    with tenant_context(told.network.manufacturer.id):
        return list(LeadEvent.objects.all())


@pytest.mark.parametrize(
    "change",
    [
        "type = 'lead.held'",
        "at = at + interval '1 microsecond'",
        "data = data || '{\"wave\": 7}'",
        "data = data - 'wave'",
        "actor = 'user:somebody'",
        "partner_id = (SELECT id FROM partners_partner LIMIT 1)",
        "id = gen_random_uuid()",
        "digest = '\\x00'",
    ],
)
def test_finds_a_fact_that_was_changed(told: Told, change: str) -> None:
    planted = as_owner(
        f"UPDATE leads_leadevent SET {change} WHERE lead_id = %s AND sequence = 2", told.quiet.id
    )

    assert planted == 1
    assert where_broken(told) == (told.quiet.id, 2)


def test_finds_a_fact_that_was_deleted(told: Told) -> None:
    assert as_owner(
        "DELETE FROM leads_leadevent WHERE lead_id = %s AND sequence = 2", told.worked.id
    )

    assert where_broken(told) == (told.worked.id, 2)


def test_finds_a_fact_that_was_deleted_and_the_gap_closed(told: Told) -> None:
    as_owner("DELETE FROM leads_leadevent WHERE lead_id = %s AND sequence = 2", told.worked.id)
    as_owner(
        "UPDATE leads_leadevent SET sequence = sequence - 1 WHERE lead_id = %s AND sequence > 2",
        told.worked.id,
    )

    assert where_broken(told) == (told.worked.id, 2)


def test_finds_facts_that_changed_places(told: Told) -> None:
    for old, new in ((3, 99), (4, 3), (99, 4)):
        as_owner(
            "UPDATE leads_leadevent SET sequence = %s WHERE lead_id = %s AND sequence = %s",
            new,
            told.quiet.id,
            old,
        )

    assert where_broken(told) == (told.quiet.id, 3)


def test_finds_that_the_last_fact_is_missing(told: Told) -> None:
    told.report()
    length = told.network.again(told.worked).last_sequence
    as_owner(
        "DELETE FROM leads_leadevent WHERE lead_id = %s AND sequence = %s", told.worked.id, length
    )

    assert where_broken(told) == (told.worked.id, length)


def test_finds_that_all_facts_are_missing(told: Told) -> None:
    as_owner(
        "DELETE FROM core_delivery WHERE event_id IN"
        " (SELECT id FROM leads_leadevent WHERE lead_id = %s)",
        told.quiet.id,
    )
    as_owner("DELETE FROM leads_leadevent WHERE lead_id = %s", told.quiet.id)

    assert where_broken(told) == (told.quiet.id, 1)


def cut_off_the_end(told: Told) -> None:
    """Delete the last fact and let the lead's row agree, as whoever knows the tables would."""
    as_owner(
        "DELETE FROM leads_leadevent e USING leads_lead l"
        " WHERE e.lead_id = l.id AND l.id = %s AND e.sequence = l.last_sequence",
        told.worked.id,
    )
    as_owner(
        "UPDATE leads_lead l SET last_sequence = e.sequence, log_digest = e.digest"
        " FROM leads_leadevent e WHERE e.lead_id = l.id AND l.id = %s"
        " AND e.sequence = l.last_sequence - 1",
        told.worked.id,
    )


def test_finds_by_a_checkpoint_that_the_end_was_cut_off(told: Told) -> None:
    told.report()
    checkpoint()

    cut_off_the_end(told)

    broken = told.verdict.broken
    assert broken is not None
    assert (broken.lead_id, broken.sequence) == (None, 1)
    assert "recorded" in broken.reason


def test_would_not_find_it_without_a_checkpoint(told: Told) -> None:
    """The control: this is what checkpoints are for."""
    told.report()

    cut_off_the_end(told)

    assert where_broken(told) is None


def test_finds_a_history_that_was_written_anew(told: Told) -> None:
    """The chain of a lead can be recomputed by whoever can write all of it; a checkpoint stays."""
    checkpoint()
    events = told.network.events(told.quiet)
    previous = FIRST
    for event in events:
        event.data = {**event.data, "planted": True}
        previous = digest_after(previous, Fact(*(getattr(event, name) for name in Fact._fields)))
        as_owner(
            "UPDATE leads_leadevent SET data = data || '{\"planted\": true}', digest = %s"
            " WHERE id = %s",
            psycopg2.Binary(previous),
            event.id,
        )
    as_owner(
        "UPDATE leads_lead SET log_digest = %s WHERE id = %s",
        psycopg2.Binary(previous),
        told.quiet.id,
    )

    assert where_broken(told) == (None, 1)


@pytest.mark.parametrize("number", [1, 2])
def test_finds_a_checkpoint_that_is_missing_or_changed(told: Told, number: int) -> None:
    checkpoint()
    told.report()
    checkpoint(NOON + 2 * DAY)
    assert told.verdict.checkpoints == 2

    change = "DELETE FROM" if number == 1 else "UPDATE"
    rest = "" if number == 1 else "SET digest = decode(repeat('00', 32), 'hex')"
    as_owner(f"{change} leads_logcheckpoint {rest} WHERE number = %s", number)

    assert where_broken(told) == (None, number)


def test_takes_one_checkpoint_a_day_of_each_manufacturer_with_news(told: Told) -> None:
    other = Told("globex")

    taken = [
        checkpoint(),
        checkpoint(NOON + HOUR),
        checkpoint(NOON + 2 * DAY),
        (told.report(), checkpoint(NOON + 2 * DAY))[1],
    ]

    assert taken == [2, 0, 0, 1]
    assert (told.verdict.checkpoints, other.verdict.checkpoints) == (2, 1)
    assert told.verdict.broken is None


def test_leaves_to_the_next_checkpoint_what_is_not_settled(told: Told) -> None:
    """Who began before the checkpoint may commit after it: such facts are in the next one."""
    late = psycopg2.connect(os.environ["DATABASE_URL"].replace("postgres://", "postgresql://"))
    with closing(late), late.cursor() as cursor:
        cursor.execute("SELECT now()")
        (began_at,) = cursor.fetchone() or ()
        told.report()
        checkpoint()

    with tenant_context(told.network.manufacturer.id):
        assert LogCheckpoint.objects.get().up_to <= began_at
    assert told.verdict.broken is None


def test_refuses_the_application_to_change_a_checkpoint(told: Told) -> None:
    checkpoint()

    for change in ("UPDATE leads_logcheckpoint SET events = 0", "DELETE FROM leads_logcheckpoint"):
        with (
            system_context("test"),
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            closing(connections["default"].cursor()) as cursor,
        ):
            cursor.execute(change)


def test_keeps_verifying_while_leads_come_in(told: Told) -> None:
    checkpoint()
    told.network.lead()

    assert told.verdict.broken is None


def test_prints_what_it_verified(told: Told) -> None:
    Told("globex")
    checkpoint()
    out = StringIO()

    call_command("verify_log", stdout=out)

    assert out.getvalue().count("whole: 2 leads") == 2


def test_says_on_the_way_how_far_and_how_fast_it_is(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leads.audit.TOLD_EVERY", 4)
    out = StringIO()

    call_command("verify_log", "--manufacturer", "acme", stdout=out)

    *on_the_way, last = out.getvalue().splitlines()
    assert on_the_way
    assert all(re.fullmatch(r"acme: \d+ events so far, [\d,]+ events/s", one) for one in on_the_way)
    assert re.search(r"whole: 2 leads, \d+ events, 0 checkpoints; [\d,]+ events/s$", last)


def test_fails_and_names_the_lead_and_the_fact(told: Told) -> None:
    Told("globex")
    as_owner(
        "UPDATE leads_leadevent SET actor = 'x' WHERE lead_id = %s AND sequence = 2", told.quiet.id
    )
    out = StringIO()

    with pytest.raises(CommandError) as failure:
        call_command("verify_log", stdout=out)

    assert failure.value.returncode == 1
    assert f"acme: BROKEN at lead {told.quiet.id}, event 2: not as it was written" in out.getvalue()
    assert "globex: whole" in out.getvalue()
    call_command("verify_log", "--manufacturer", "globex", stdout=out)


def test_refuses_to_verify_a_manufacturer_that_is_not_there(db: None) -> None:
    with pytest.raises(CommandError, match="no manufacturer"):
        call_command("verify_log", "--manufacturer", "nobody")


FACT = Fact(new_id(), new_id(), new_id(), 1, "lead.received", None, None, "key:1", NOON, {"a": 1})


@pytest.mark.parametrize("name", Fact._fields)
def test_covers_every_part_of_a_fact(name: str) -> None:
    other: dict[str, Any] = {
        "sequence": 2,
        "at": NOON + HOUR,
        "data": {},
        "type": "lead.held",
    }

    changed = FACT._replace(**{name: other.get(name, new_id())})

    assert digest_after(FIRST, changed) != digest_after(FIRST, FACT)
    assert digest_after(b"\0" * 32, FACT) != digest_after(FIRST, FACT)


def test_covers_every_column_of_a_fact_but_when_and_by_what_it_was_recorded() -> None:
    columns = {field.attname for field in LeadEvent._meta.concrete_fields}

    assert columns - set(Fact._fields) == {"digest", "recorded_at", "transaction"}


def test_has_one_form_of_an_instant_and_of_an_amount() -> None:
    forms = [
        FACT._replace(at=NOON.astimezone(zone), data={"v": value})
        for zone in (UTC, ZoneInfo("Europe/Berlin"), timezone(timedelta(hours=-3)))
        for value in (Decimal("12.50"), "12.50")
    ]

    assert len({digest_after(FIRST, form) for form in forms}) == 1


Value = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(-1e12, 1e12).map(lambda number: number + 0.0)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.django_db
@given(data=st.dictionaries(st.text("xyz", min_size=1), Value, max_size=4))
def test_reads_back_what_it_digested(data: dict[str, Any]) -> None:
    """What jsonb gives back has the same digest as what was handed to it."""
    with closing(connection.cursor()) as cursor:
        cursor.execute("SELECT %s::jsonb::text", [orjson.dumps(data).decode()])
        stored = json.loads(cursor.fetchone()[0])

    assert digest_after(FIRST, FACT._replace(data=stored)) == digest_after(
        FIRST, FACT._replace(data=data)
    )
