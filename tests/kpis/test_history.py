"""History: sound rows become events, the others are refused by line, and twice is once."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from kpis.history import Imported, UnreadableHistory, import_history, read_csv, read_json
from kpis.history.checking import COLUMNS, LONGEST
from leadhub.core.actors import system_actor
from leadhub.core.models import Delivery
from leadhub.core.tenancy.context import tenant_context
from leads.events import replay
from leads.models import Assignment, Lead, LeadEvent, LeadOffer, PartnerStanding
from tests.kpis.asking import ask
from tests.kpis.oracle import Question
from tests.kpis.worlds import Tenant, utc

NOW = datetime(2026, 4, 1, tzinfo=UTC)
DAY = "2026-03-02T"
HEADER = ",".join(COLUMNS)
FIRST_EXAMPLE = f"""{HEADER}
1,A,heating,DE,80331,fair,HOT,{DAY}07:00Z,{DAY}08:00Z,{DAY}08:20Z,{DAY}09:05Z,{DAY}09:10Z,2026-03-12T08:20Z,WON,4800
2,A,heating,DE,80331,fair,,{DAY}07:00Z,{DAY}09:00Z,{DAY}09:40Z,{DAY}12:40Z,,,,
3,B,heating,DE,80331,fair,,{DAY}07:00Z,{DAY}08:00Z,{DAY}10:30Z,{DAY}10:40Z,{DAY}11:00Z,2026-03-05T10:30Z,LOST,
4,B,heating,DE,80331,fair,,{DAY}07:00Z,,{DAY}11:00Z,,,,,
"""
SOUND = {
    "external_id": "7",
    "partner_external_id": "A",
    "product_line": "heating",
    "country": "DE",
    "received_at": f"{DAY}07:00Z",
    "offered_at": f"{DAY}08:00Z",
    "accepted_at": f"{DAY}08:20Z",
    "contacted_at": f"{DAY}09:05Z",
    "first_feedback_at": f"{DAY}09:10Z",
    "closed_at": f"{DAY}10:00Z",
    "outcome": "WON",
    "value": "10.00",
}


def load(tenant: Tenant, content: str | list[dict[str, str]]) -> Imported:
    rows = read_csv(content.encode()) if isinstance(content, str) else _rows(content)
    by = system_actor(tenant.manufacturer.id, "test")
    return import_history(rows=rows, by=by, at=NOW)


def _rows(rows: list[dict[str, str]]) -> Any:
    lines = [",".join(row.get(name, "") for name in COLUMNS) for row in rows]
    return read_csv("\n".join([HEADER, *lines]).encode())


def counts(tenant: Tenant) -> tuple[int, ...]:
    """Count what an import writes."""
    with tenant_context(tenant.manufacturer.id):
        return (
            Lead.objects.count(),
            LeadOffer.objects.count(),
            Assignment.objects.count(),
            LeadEvent.objects.count(),
        )


def test_it_carries_the_first_worked_example(acme: Tenant) -> None:
    imported = load(acme, FIRST_EXAMPLE)

    rows, total = ask(acme, _of_the_day())
    assert imported == Imported(stored=4)
    assert [row["acceptance_time"]["mean"] for row in rows] == [1_800, 9_000]
    assert [row["contact_time"]["mean"] for row in rows] == [6_750, 600]
    assert [row["processing_time"]["mean"] for row in rows] == [864_000, 259_200]
    assert (total["acceptance_time"]["mean"], total["acceptance_time"]["count"]) == (4_200, 3)
    assert (total["contact_time"]["mean"], total["contact_time"]["open_count"]) == (4_700, 1)
    assert (total["feedback_rate"]["value"], total["conversion_rate"]["value"]) == (0.5, 0.25)
    assert total["win_rate"]["value"] == 0.5
    assert total["revenue"] == (1, Decimal("4800.00"), "EUR", 0)


def test_it_carries_the_second_worked_example_but_for_return_and_reopening(acme: Tenant) -> None:
    first = {**SOUND, "external_id": "W1", "partner_external_id": "B", "value": ""}
    first |= {"offered_at": f"{DAY}09:00Z", "accepted_at": f"{DAY}09:30Z"}
    first |= {"contacted_at": f"{DAY}09:40Z", "first_feedback_at": "2026-03-04T09:30Z"}
    first |= {"closed_at": "2026-03-06T09:30Z", "outcome": "LOST"}
    second = {**SOUND, "external_id": "W2", "offered_at": "", "accepted_at": f"{DAY}12:00Z"}
    second |= {"contacted_at": f"{DAY}12:15Z", "first_feedback_at": f"{DAY}12:15Z"}
    second |= {"closed_at": "", "outcome": "", "value": ""}

    load(acme, [first, second])

    (a, b), _ = ask(acme, _of_the_day())
    assert (a["acceptance_time"]["count"], a["contact_time"]["mean"]) == (0, 900)
    assert (b["acceptance_time"]["mean"], b["contact_time"]["mean"]) == (1_800, 600)
    assert (b["processing_time"]["mean"], b["conversion_rate"]["value"]) == (345_600, 0.0)


def test_it_changes_nothing_the_second_time(acme: Tenant) -> None:
    load(acme, FIRST_EXAMPLE)
    before = counts(acme)

    again = load(acme, FIRST_EXAMPLE.replace("4800", "9999"))

    assert again == Imported(known=4)
    assert counts(acme) == before == (4, 3, 4, 21)


def test_it_knows_a_lead_within_its_own_manufacturer_only(acme: Tenant, stranger: Tenant) -> None:
    load(acme, FIRST_EXAMPLE)

    assert load(stranger, FIRST_EXAMPLE) == Imported(stored=4)


def test_it_logs_what_replays_to_the_state_of_each_lead(acme: Tenant) -> None:
    untaken = {name: SOUND[name] for name in ("product_line", "country", "received_at")}
    offered = {name: SOUND[name] for name in ("partner_external_id", "offered_at")}
    load(acme, FIRST_EXAMPLE)

    load(acme, [{**untaken, "external_id": "5"}, {**untaken, **offered, "external_id": "6"}])

    with tenant_context(acme.manufacturer.id):
        leads = {lead.external_id: lead for lead in Lead.objects.prefetch_related("events")}
        logs = {
            name: sorted(lead.events.all(), key=lambda event: event.sequence)
            for name, lead in leads.items()
        }
    assert {name: lead.status for name, lead in leads.items()} == {
        "1": "WON",
        "2": "CONTACTED",
        "3": "LOST",
        "4": "ACCEPTED",
        "5": "WITHDRAWN",
        "6": "WITHDRAWN",
    }
    for name, lead in leads.items():
        log = logs[name]
        assert replay((event.type, event.data) for event in log) == lead.status
        assert [event.sequence for event in log] == list(range(1, lead.last_sequence + 1))
        assert [event.at for event in log] == sorted(event.at for event in log)
    assert [event.type for event in logs["1"]] == [
        "lead.received",
        "lead.wave_opened",
        "lead.offered",
        "offer.accepted",
        "contact.made",
        "feedback.given",
        "lead.won",
    ]


def test_it_starts_no_message_cap_or_timer(acme: Tenant) -> None:
    load(acme, FIRST_EXAMPLE)

    with tenant_context(acme.manufacturer.id):
        assert not Delivery.objects.exists()
        assert not PartnerStanding.objects.filter(open_assignments__gt=0).exists()
        assert not Lead.objects.filter(respond_by__isnull=False).exists()
        assert Lead.objects.filter(is_imported=True).count() == 4


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"external_id": ""}, "external_id is missing"),
        ({"product_line": ""}, "product_line is missing"),
        ({"country": ""}, "country is missing"),
        ({"received_at": ""}, "received_at is missing"),
        ({"country": "Germany"}, "country has to be a code of two letters"),
        ({"temperature": "MILD"}, "temperature has to be HOT or WARM or COLD"),
        ({"outcome": "RETURNED"}, "outcome has to be WON or LOST"),
        ({"product_line": "boats"}, "no product line has the code 'boats'"),
        ({"partner_external_id": "Z"}, "no partner has the external id 'Z'"),
        ({"partner_external_id": ""}, "accepted_at is given, partner_external_id is not"),
        ({"received_at": "2 March"}, "received_at has to be an instant"),
        ({"received_at": "2026-03-02T07:00"}, "received_at has no time zone"),
        ({"received_at": "1969-12-31T07:00Z"}, "received_at is before 1970"),
        ({"closed_at": "2026-04-01T00:01Z"}, "closed_at lies in the future"),
        ({"offered_at": f"{DAY}06:59Z"}, "offered_at is before received_at"),
        ({"accepted_at": f"{DAY}07:59Z"}, "accepted_at is before offered_at"),
        ({"offered_at": "", "accepted_at": f"{DAY}06:59Z"}, "accepted_at is before received_at"),
        ({"contacted_at": f"{DAY}08:19Z"}, "contacted_at is before accepted_at"),
        ({"first_feedback_at": f"{DAY}08:19Z"}, "first_feedback_at is before accepted_at"),
        ({"closed_at": f"{DAY}08:19Z"}, "closed_at is before accepted_at"),
        ({"contacted_at": f"{DAY}10:01Z"}, "closed_at is before contacted_at"),
        ({"first_feedback_at": f"{DAY}10:01Z"}, "closed_at is before first_feedback_at"),
        ({"accepted_at": ""}, "contacted_at is given, accepted_at is not"),
        ({"outcome": "", "value": ""}, "closed_at is given, outcome is not"),
        ({"closed_at": ""}, "outcome is given, closed_at is not"),
        ({"outcome": "LOST"}, "value is given, the outcome is not WON"),
        ({"value": "many"}, "value has to be an amount"),
        ({"value": "-1"}, "value has to be between 0 and"),
        ({"value": "NaN"}, "value has to be between 0 and"),
        ({"value": "1.005"}, "up to two decimals"),
        ({"external_id": "x" * 121}, "external_id is longer than 120 characters"),
        ({"source": "a\x00b"}, "source contains a character"),
    ],
)
def test_it_refuses_a_row_that_contradicts_itself_and_stores_the_others(
    acme: Tenant, change: dict[str, str], reason: str
) -> None:
    imported = load(acme, [SOUND, {**SOUND, "external_id": "8", **change}])

    assert (imported.stored, imported.known) == (1, 0)
    (refusal,) = imported.refused
    assert refusal.startswith("line 3: ")
    assert reason in refusal
    assert counts(acme)[0] == 1


def test_it_accepts_equal_instants_and_blanks(acme: Tenant) -> None:
    at_once = {
        name: SOUND["received_at"] if name.endswith("_at") else text for name, text in SOUND.items()
    }

    imported = load(acme, [{**at_once, "value": ""}])

    assert imported == Imported(stored=1)


def test_it_refuses_the_same_lead_with_other_values_in_one_file(acme: Tenant) -> None:
    imported = load(acme, [SOUND, SOUND, {**SOUND, "value": "11.00"}])

    assert (imported.stored, imported.known) == (1, 1)
    assert imported.refused == [
        "line 4: external_id '7' of source 'history' stands in line 2 with other values"
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "missing columns: external_id, product_line, country, received_at"),
        (HEADER.replace("country,", ""), "missing columns: country"),
        (HEADER + ",colour", "unknown columns: colour"),
        (HEADER + ",value", "repeated columns: value"),
        (HEADER + '\n"', "line 2: not CSV"),
    ],
)
def test_it_says_what_is_wrong_with_a_file(content: str, message: str) -> None:
    with pytest.raises(UnreadableHistory, match=message):
        read_csv(content.encode())


@pytest.mark.parametrize("content", [b"{", b'{"a": 1}', b"5", b"\xff", b"[" * 100_000])
def test_it_says_that_json_is_no_list_of_rows(content: bytes) -> None:
    with pytest.raises(UnreadableHistory):
        read_json(content)


def test_it_reads_what_spreadsheets_write() -> None:
    content = "\ufeffexternal_id;product_line;country;received_at\r\n\r\n1;a;DE;x\r\n;;;\r\n2;b\r\n"

    rows = read_csv(content.encode())

    assert [(row.line, row.values.get("external_id"), str(row.problem)) for row in rows] == [
        (3, "1", "None"),
        (5, "2", "it has 2 cells, the header has 4"),
    ]


def test_it_counts_elements_of_json_from_one() -> None:
    rows = read_json(b'[{"external_id": 1, "value": 10.5}, 5, {"colour": "red"}, {"value": true}]')

    assert [(row.line, str(row.problem)) for row in rows] == [
        (1, "None"),
        (2, "it is not an object"),
        (3, "unknown columns: colour"),
        (4, "value has to be a text"),
    ]
    assert rows[0].values == {"external_id": "1", "value": "10.5"}


def test_it_stores_texts_of_the_greatest_length(acme: Tenant) -> None:
    longest = {name: "x" * length for name, length in LONGEST.items()}

    assert load(acme, [{**SOUND, **longest}]) == Imported(stored=1)


def test_the_command_reports_refused_rows_and_fails(
    acme: Tenant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "history.csv"
    file.write_text(FIRST_EXAMPLE + "5,A,boats,DE,,,,2026-03-02T07:00Z,,,,,,,\n", "utf-8")

    with pytest.raises(CommandError, match="Correct the refused rows"):
        call_command("import_history", str(file), manufacturer="acme")

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "line 6: no product line has the code 'boats'"
    assert lines[1] == "4 stored, 0 known already, 1 refused"


def test_the_command_succeeds_when_every_row_is_stored_or_known(
    acme: Tenant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "history.csv"
    file.write_text(FIRST_EXAMPLE, "utf-8")

    call_command("import_history", str(file), manufacturer="acme")
    call_command("import_history", str(file), manufacturer="acme")

    assert capsys.readouterr().out.splitlines() == [
        "4 stored, 0 known already, 0 refused",
        "0 stored, 4 known already, 0 refused",
    ]


@pytest.mark.parametrize(
    ("name", "manufacturer", "message"),
    [
        ("history.csv", "nobody", "There is no manufacturer 'nobody'"),
        ("missing.csv", "acme", "cannot be read: No such file"),
        ("history.json", "acme", "This is not JSON"),
    ],
)
def test_the_command_says_what_it_cannot_use(
    acme: Tenant, tmp_path: Path, name: str, manufacturer: str, message: str
) -> None:
    for existing in ("history.csv", "history.json"):
        (tmp_path / existing).write_text(FIRST_EXAMPLE, "utf-8")

    with pytest.raises(CommandError, match=message):
        call_command("import_history", str(tmp_path / name), manufacturer=manufacturer)


def _of_the_day() -> Question:
    return Question(
        starts_at=utc("2026-03-02 00:00"),
        ends_at=utc("2026-03-03 00:00"),
        at=NOW,
        group_by=("partner",),
    )
