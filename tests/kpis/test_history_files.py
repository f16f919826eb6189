"""Files of past leads: read in any usual encoding, checked, stored in parts, each row told."""

import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from kpis.history import COLUMNS
from kpis.history.importer import HISTORY
from kpis.history.importing import store_rows
from kpis.history.reading import RawRow
from leadhub.core.actors import system_actor
from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import tenant_context
from leads.models import Lead
from partners.imports.jobs import go_on_with_imports, start_import, store_import
from partners.imports.stored import say_reasons
from partners.models import Import, ImportPart, ImportRow
from tests.factories import count_rows
from tests.kpis.test_history import FIRST_EXAMPLE, HEADER, NOW, SOUND, counts
from tests.kpis.worlds import Tenant

HEAD = "external_id,partner_external_id,product_line,country,received_at"


def go_on() -> None:
    while go_on_with_imports(at=NOW):
        pass


def checked(tenant: Tenant, content: str | bytes, *, key: Any = None) -> Import:
    job = start_import(
        kind="HISTORY",
        file_name="history.csv",
        content=content.encode() if isinstance(content, str) else content,
        upload_key=key or uuid4(),
        by=system_actor(tenant.manufacturer.id, "test"),
        at=NOW,
    )
    go_on()
    return again(tenant, job)


def stored(tenant: Tenant, content: str | bytes) -> Import:
    job = checked(tenant, content)
    store_import(job=job, by=system_actor(tenant.manufacturer.id, "test"), at=NOW)
    go_on()
    return again(tenant, job)


def again(tenant: Tenant, job: Import) -> Import:
    with tenant_context(tenant.manufacturer.id):
        return Import.objects.get(id=job.id)


def refused(tenant: Tenant, job: Import) -> list[str]:
    with tenant_context(tenant.manufacturer.id):
        rows = ImportRow.objects.filter(job=job).order_by("line")
        return [f"line {row.line}: {say_reasons(row.problems, between='; ')}" for row in rows]


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a step deal with two rows."""
    monkeypatch.setattr(HISTORY, "rows_a_part", 2)


def test_checks_everything_and_stores_nothing_yet(acme: Tenant) -> None:
    job = checked(acme, FIRST_EXAMPLE + "5,A,boats,DE,,,,2026-03-02T07:00Z,,,,,,,\n")

    assert (job.status, job.total) == ("CHECKED", 5)
    assert job.counts == {"NEW": 4, "REFUSED": 1}
    assert refused(acme, job) == ["line 6: no product line has the code 'boats'"]
    assert counts(acme) == (0, 0, 0, 0)


def test_stores_as_the_command_does(acme: Tenant, small_parts: None) -> None:
    job = stored(acme, FIRST_EXAMPLE)

    assert (job.status, job.counts) == ("DONE", {"NEW": 4})
    assert counts(acme) == (4, 3, 4, 21)
    assert count_rows(ImportPart) == 0


def test_changes_nothing_the_second_time(acme: Tenant) -> None:
    stored(acme, FIRST_EXAMPLE)

    job = stored(acme, FIRST_EXAMPLE.replace("4800", "9999"))

    assert job.counts == {"UNCHANGED": 4}
    assert counts(acme) == (4, 3, 4, 21)


def test_goes_on_where_it_was_stopped(acme: Tenant, small_parts: None) -> None:
    job = checked(acme, FIRST_EXAMPLE)
    store_import(job=job, by=system_actor(acme.manufacturer.id, "test"), at=NOW)

    go_on_with_imports(at=NOW)

    half = again(acme, job)
    assert (half.status, half.done, counts(acme)[0]) == ("STORING", 2, 2)
    go_on()
    assert (again(acme, job).counts, counts(acme)[0]) == ({"NEW": 4}, 4)


def test_refuses_what_contradicts_a_row_of_another_part(acme: Tenant, small_parts: None) -> None:
    row = "{},A,heating,DE,2026-03-02T07:00Z\n"
    other = "1,B,heating,DE,2026-03-02T07:00Z\n"
    content = f"{HEAD}\n" + "".join(row.format(n) for n in range(5)) + row.format(1) + other

    job = stored(acme, content)

    assert job.counts == {"NEW": 5, "UNCHANGED": 1, "REFUSED": 1}
    assert refused(acme, job) == [
        "line 8: external_id '1' of source 'history' stands in line 3 with other values"
    ]


def test_does_not_take_a_refused_row_for_the_first(acme: Tenant) -> None:
    row = "1,A,heating,{},2026-03-02T07:00Z\n"

    job = stored(acme, f"{HEAD}\n{row.format('Germany')}{row.format('DE')}")

    assert job.counts == {"NEW": 1, "REFUSED": 1}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252", "cp850"])
def test_reads_every_usual_encoding(acme: Tenant, encoding: str) -> None:
    content = f"{HEAD};source\n7;;heating;DE;2026-03-02T07:00Z;Messe München\n".replace(",", ";")

    stored(acme, content.encode(encoding))

    with tenant_context(acme.manufacturer.id):
        assert Lead.objects.get().source == "Messe München"


def test_reads_json(acme: Tenant) -> None:
    job = stored(acme, json.dumps([SOUND, {**SOUND, "external_id": "a\x00\ud800"}, 5]))

    assert job.counts == {"NEW": 1, "REFUSED": 2}
    assert refused(acme, job) == [
        "line 2: external_id contains a character that does not belong into a text",
        "line 3: it is not an object",
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("number;name\n1;2\n", "line 1: missing columns: external_id, product_line"),
        (HEADER, "The file has no rows below its heading."),
        ("[]", "The file has no rows below its heading."),
        ("{", "This is not JSON in UTF-8"),
        (b"PK\x03\x04\0", "This is neither CSV nor XLSX."),
    ],
)
def test_says_why_a_file_cannot_be_read(acme: Tenant, content: str | bytes, says: str) -> None:
    job = checked(acme, content)

    assert job.status == "UNREADABLE"
    assert job.problem is not None
    assert say_reasons([job.problem]).startswith(says)


TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
CELL = st.one_of(
    TEXT,
    st.sampled_from(["", "A", "heating", "DE", "WON", "LOST", "10.00", "1e9999", "-0", "NaN"]),
    st.sampled_from(["2026-03-02T07:00Z", "2026-03-02T08:00+01:00", "0001-01-01T00:00+14:00"]),
)


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.binary(max_size=200), TEXT.map(str.encode)))
@example(b"[" * 100_000)
@example(b'[{"value": ' + b"9" * 5_000 + b"}]")
def test_reads_or_refuses_any_file(content: bytes) -> None:
    try:
        columns, rows = HISTORY.read(content, at=NOW)
    except InvalidInput as refusal:
        words = refusal.in_words()
    else:
        words = "read"
        assert columns == list(COLUMNS)
        assert rows

    assert words


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.dictionaries(st.sampled_from(COLUMNS), CELL), min_size=1, max_size=6))
@example([{**SOUND, "value": "1e9999"}])
@example([{**SOUND, "received_at": "9999-12-31T23:59-14:00"}])
@example([{**SOUND, "external_id": "İ" * 100, "country": "ß"}])
def test_stores_or_names_every_row(acme: Tenant, rows: list[dict[str, str]]) -> None:
    sent = [RawRow(line, row) for line, row in enumerate(rows, start=2)]

    dealt = store_rows(rows=sent, by=system_actor(acme.manufacturer.id, "test"), at=NOW)

    assert dealt.stored + dealt.known + len(dealt.refused) == len(rows)
    assert all(refusal.reasons for refusal in dealt.refused)
    assert {refusal.line for refusal in dealt.refused} <= {row.line for row in sent}


def test_keeps_manufacturers_apart(acme: Tenant, stranger: Tenant) -> None:
    job = stored(acme, FIRST_EXAMPLE)
    stored(stranger, FIRST_EXAMPLE)

    assert counts(acme)[0] == counts(stranger)[0] == 4
    with tenant_context(stranger.manufacturer.id):
        assert not Import.objects.filter(id=job.id).exists()


def test_is_one_import_when_sent_twice(acme: Tenant) -> None:
    key = uuid4()

    assert checked(acme, FIRST_EXAMPLE, key=key).id == checked(acme, FIRST_EXAMPLE, key=key).id
