"""Partners out of a file: checked first, stored row by row, gone on with, and taken back."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from leadhub.core.errors import InvalidInput, NotVisible
from leadhub.core.tenancy.context import system_context, tenant_context
from partners.catalogue import save_product_line
from partners.imports import importer, jobs, judging
from partners.imports.fields import guess_fields
from partners.imports.forgetting import forget_imports
from partners.imports.jobs import (
    LARGEST_FILE,
    UNFINISHED_AT_MOST,
    ImportMovedOn,
    TooManyImports,
    check_import,
    discard_import,
    go_on_with_imports,
    store_import,
    undo_import,
)
from partners.imports.stored import say_reasons
from partners.many import save_partners
from partners.models import Import, ImportFile, ImportPart, ImportRow, Partner, SetUpChange
from partners.network import CertificationDetails, change_partner, details_of
from tests.factories import NOON, Network, count_rows
from tests.importing import again, checked, go_on, send, stored, taken_back
from tests.partners.test_network import WHOLE, counted, save, tallies
from tests.workbooks import workbook

MINUTE = timedelta(minutes=1)
LATER = NOON + MINUTE
HEAD = "Nummer;Firma;PLZ;Land;Produktlinien;Stufe;gültig bis;Telefon;max offene Leads"
FIVE = f"""{HEAD}
D-1;Huber neu;80331;DE;;;;;
D-2;Meier;85221;Deutschland;Heat pumps;gold;31.12.2027;08131 123456;5
D-3;Nirgends;99999;DE;;;;;
D-2;Meier zwei;85221;DE;;;;;
D-4;Sofa;80331;DE;Sofas;;;;
"""
SAME = f"{HEAD}\nD-1;Heizung Huber;80331;DE;;;;;\n"


def rows(network: Network, job: Import) -> list[tuple[int, str, str, str]]:
    """Line, number, verdict and what is said of each row."""
    with tenant_context(network.manufacturer.id):
        found = ImportRow.objects.filter(job=job).order_by("line")
        return [(r.line, r.key, r.verdict, say_reasons(r.problems)) for r in found]


def names(network: Network) -> dict[str, str]:
    with tenant_context(network.manufacturer.id):
        return dict(Partner.objects.order_by("external_id").values_list("external_id", "name"))


def of(network: Network, number: str) -> Partner:
    with tenant_context(network.manufacturer.id):
        return Partner.objects.get(external_id=number)


EXPECTED = [
    (2, "D-1", "CHANGED", ""),
    (3, "D-2", "NEW", ""),
    (
        4,
        "D-3",
        "REFUSED",
        "Postal code: This postal code is unknown; correct it or give coordinates.",
    ),
    (5, "D-2", "REFUSED", "Number: “D-2” stands in line 3 already."),
    (6, "D-4", "REFUSED", "Product lines: Not known here: Sofas."),
]


def test_tells_what_each_row_would_do_and_stores_nothing(network: Network) -> None:
    save(network, WHOLE)

    job = checked(network, FIVE)

    assert (job.status, job.total, job.done) == ("CHECKED", 5, 5)
    assert job.counts == {"CHANGED": 1, "NEW": 1, "REFUSED": 3}
    assert rows(network, job) == EXPECTED
    assert names(network) == {"D-1": "Heizung Huber"}


def test_stores_the_sound_rows_and_leaves_the_others(network: Network) -> None:
    save(network, WHOLE)

    job = stored(network, FIVE)

    assert (job.status, job.counts) == ("DONE", {"CHANGED": 1, "NEW": 1, "REFUSED": 3})
    assert rows(network, job) == EXPECTED
    assert names(network) == {"D-1": "Huber neu", "D-2": "Meier"}
    with tenant_context(network.manufacturer.id):
        known, new = details_of(of(network, "D-1")), details_of(of(network, "D-2"))
    assert known.phone == WHOLE.phone
    assert known.certifications == WHOLE.certifications
    assert (new.phone, new.cap_open, new.product_lines) == ("+498131123456", 5, ["heat-pumps"])
    assert [held.level for held in new.certifications] == ["gold"]
    assert tallies(network) == counted(network)


def test_records_who_changed_what(network: Network) -> None:
    stored(network, FIVE)

    with tenant_context(network.manufacturer.id):
        changes = SetUpChange.objects.filter(kind="partner", actor=network.by.label)
        assert {change.name for change in changes} == {"Huber neu", "Meier"}


def test_finds_everything_unchanged_the_second_time(network: Network) -> None:
    stored(network, FIVE)
    with tenant_context(network.manufacturer.id):
        before = SetUpChange.objects.count()

    job = stored(network, FIVE)

    assert job.counts == {"UNCHANGED": 2, "REFUSED": 3}
    with tenant_context(network.manufacturer.id):
        assert SetUpChange.objects.count() == before


def test_leaves_what_a_blank_cell_is_about_and_empties_with_a_dash(network: Network) -> None:
    save(network, WHOLE)
    head = "Nummer;Telefon;E-Mail;Stufe;Umkreis;PLZ"

    stored(network, f"{head}\nD-1;;-;-;;80331\n")

    with tenant_context(network.manufacturer.id):
        after = details_of(of(network, "D-1"))
    assert (after.phone, after.email, after.radius_km) == (WHOLE.phone, "", WHOLE.radius_km)
    assert (after.certifications, after.latitude) == ([], WHOLE.latitude)


def test_reads_sheets_of_excel(network: Network) -> None:
    job = stored(
        network,
        workbook([["Nummer", "Firma", "PLZ"], [1001, "Müller", 80331], [1002, "Meier", None]]),
        file_name="Partner.xlsx",
    )

    assert names(network) == {"1001": "Müller"}
    assert [verdict for _, _, verdict, _ in rows(network, job)] == ["NEW", "REFUSED"]


def test_does_not_pad_the_postal_code_of_a_partner_that_is_elsewhere(network: Network) -> None:
    network.partner(external_id="A-1", country="AT", postal_code="1010")

    job = checked(network, "Nummer;PLZ\nA-1;1010\n")

    assert job.counts == {"UNCHANGED": 1}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04 no archive", "This XLSX file is damaged."),
        (b"number\n", "The file has no rows."),
        (b"%PDF-1.7", "This is neither CSV nor XLSX."),
    ],
)
def test_says_why_a_file_cannot_be_read_and_keeps_nothing_of_it(
    network: Network, content: bytes, says: str
) -> None:
    job = send(network, content)

    go_on()

    job = again(network, job)
    assert job.status == "UNREADABLE"
    assert job.problem is not None
    assert job.problem["text"].startswith(says)
    assert count_rows(ImportFile) == count_rows(ImportPart) == 0


def test_keeps_the_file_only_until_it_is_stored(network: Network) -> None:
    job = send(network, FIVE)
    assert count_rows(ImportFile) == 1

    go_on()
    assert (count_rows(ImportFile), count_rows(ImportPart)) == (0, 1)

    mapping = {"columns": guess_fields(again(network, job).columns), "country": "DE"}
    check_import(job=job, mapping=mapping, by=network.by, at=LATER)
    go_on()
    store_import(job=job, by=network.by, at=LATER)
    go_on()
    assert (count_rows(ImportFile), count_rows(ImportPart)) == (0, 0)


def test_is_one_import_however_often_it_is_sent(network: Network) -> None:
    key = uuid4()

    first, second = send(network, FIVE, upload_key=key), send(network, FIVE, upload_key=key)

    assert first.id == second.id
    assert count_rows(Import) == 1


def test_stores_once_however_often_it_is_told_to(network: Network) -> None:
    job = checked(network, FIVE)

    for _ in range(2):
        store_import(job=job, by=network.by, at=LATER)
    go_on()
    store_import(job=job, by=network.by, at=LATER)

    assert go_on() == 0
    assert again(network, job).counts == {"NEW": 2, "REFUSED": 3}


def test_checks_anew_with_other_columns(network: Network) -> None:
    job = checked(network, "Nummer;Firma;PLZ\nD-1;Huber;80331\n")
    assert job.counts == {"NEW": 1}

    mapping = {"columns": ["external_id", "", "postal_code"], "country": "DE"}
    check_import(job=job, mapping=mapping, by=network.by, at=LATER)
    go_on()

    assert rows(network, job) == [(2, "D-1", "REFUSED", "Name: A new partner needs this.")]


def many(count: int) -> str:
    return f"{HEAD}\n" + "".join(f"M-{n};Firma {n};80331;DE;;;;;\n" for n in range(count))


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a step deal with three rows."""
    monkeypatch.setattr(importer.PARTNERS, "rows_a_part", 3)
    monkeypatch.setattr(importer, "UNDONE_AT_ONCE", 3)


def test_goes_on_where_it_was_stopped(network: Network, small_parts: None) -> None:
    job = checked(network, many(8))
    store_import(job=job, by=network.by, at=LATER)

    go_on_with_imports(at=LATER)

    half = again(network, job)
    assert (half.status, half.done, len(names(network))) == ("STORING", 3, 3)
    go_on()
    assert (again(network, job).status, len(names(network))) == ("DONE", 8)
    assert [line for line, *_ in rows(network, job)] == list(range(2, 10))


def test_leaves_nothing_of_a_step_that_died_and_does_it_again(
    network: Network, small_parts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = checked(network, many(8))
    store_import(job=job, by=network.by, at=LATER)
    go_on_with_imports(at=LATER)

    def die_at_the_end(**asked: Any) -> Any:
        save_partners(**asked)
        raise MemoryError

    monkeypatch.setattr(importer, "save_partners", die_at_the_end)
    go_on_with_imports(at=LATER)
    monkeypatch.setattr(importer, "save_partners", save_partners)

    assert (again(network, job).failures, len(names(network))) == (1, 3)
    go_on()
    assert (again(network, job).status, len(names(network))) == ("DONE", 8)
    assert again(network, job).counts == {"NEW": 8}


def test_gives_up_what_fails_again_and_again(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = checked(network, many(2))
    store_import(job=job, by=network.by, at=LATER)

    def die(**asked: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(importer, "save_partners", die)
    go_on()

    assert again(network, job).status == "FAILED"
    assert count_rows(ImportPart) == 0


def test_finds_numbers_of_earlier_parts(network: Network, small_parts: None) -> None:
    job = checked(network, many(4) + "M-0;Nochmal;80331;DE;;;;;\n")

    assert rows(network, job)[-1][2:] == ("REFUSED", "Number: “M-0” stands in line 2 already.")


def test_refuses_alone_what_the_database_refuses(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if a check were missing: the row is named, and the others are stored."""
    monkeypatch.setattr(judging, "read_details", unchecked)

    job = stored(network, "Nummer;Firma;PLZ\n1;Huber;80331\n2;Meier;80331\n3;Alle;80331\n")

    assert names(network) == {"1": "Huber", "3": "Alle"}
    assert rows(network, job)[1][2:] == (
        "REFUSED",
        "Number: This row could not be stored as it is.",
    )


def unchecked(texts: Any, **_: Any) -> tuple[str, dict[str, Any]]:
    name = "x" * 300 if texts["external_id"] == "2" else texts["name"]
    return texts["external_id"], {"name": name, "postal_code": texts["postal_code"]}


def test_lets_imports_of_one_manufacturer_wait_for_each_other(
    network: Network, other_network: Network, small_parts: None
) -> None:
    first, second = (checked(network, many(count)) for count in (9, 8))
    other = checked(other_network, many(7))
    waiting = ((first, network), (second, network), (other, other_network))
    for job, one in waiting:
        store_import(job=job, by=one.by, at=LATER)

    done, at = [], LATER
    while go_on_with_imports(at=at):
        at += timedelta(seconds=1)
        now = [again(one, job).done for job, one in waiting]
        done.append(tuple(now))

    assert all(b == 0 or a == 9 for a, b, _ in done)
    assert any(0 < a < 9 and 0 < c < 7 for a, _, c in done)
    assert done[-1] == (9, 8, 7)


def test_gives_back_what_was_and_removes_what_is_new(network: Network) -> None:
    save(network, WHOLE)
    job = stored(network, FIVE)

    job = taken_back(network, job)

    assert job.status == "UNDONE"
    assert names(network) == {"D-1": "Heizung Huber"}
    with tenant_context(network.manufacturer.id):
        assert details_of(of(network, "D-1")) == WHOLE
    assert undone(network, job) == {"D-1": "RESTORED", "D-2": "REMOVED"}
    assert tallies(network) == counted(network)


def undone(network: Network, job: Import) -> dict[str, str]:
    with tenant_context(network.manufacturer.id):
        found = ImportRow.objects.filter(job=job).exclude(undone="").order_by("key")
        return dict(found.values_list("key", "undone"))


def test_keeps_what_somebody_changed_since_and_names_it(network: Network) -> None:
    save(network, WHOLE)
    job = stored(network, FIVE)
    for number in ("D-1", "D-2"):
        change_partner(partner=of(network, number), changes={"weight": 7}, by=network.by, at=LATER)

    job = taken_back(network, job)

    assert undone(network, job) == {"D-1": "KEPT", "D-2": "KEPT"}
    assert names(network) == {"D-1": "Huber neu", "D-2": "Meier"}


def test_lets_new_partners_leave_that_were_offered_something(network: Network) -> None:
    job = stored(
        network, f"{HEAD}\nD-2;Meier;80331;DE;heat-pumps;;;08131 12345;\nD-5;Neu;80331;DE;;;;;\n"
    )
    reached = stored(network, "Nummer;E-Mail;Umkreis\nD-2;m@meier.example;50\n")
    network.policy({})
    assert network.offers(network.lead())
    taken_back(network, reached)

    job = taken_back(network, job)

    assert undone(network, job) == {"D-2": "LEFT", "D-5": "REMOVED"}
    assert of(network, "D-2").status == "LEFT"


def test_lets_new_partners_leave_where_looking_for_what_points_at_them_takes_long(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.partner()
    network.policy({})
    network.lead()
    monkeypatch.setattr(importer, "LOOKED_THROUGH_AT_MOST", 1)

    job = taken_back(network, stored(network, SAME))

    assert undone(network, job) == {"D-1": "LEFT"}


def test_takes_back_once_and_only_what_is_stored(network: Network) -> None:
    job = checked(network, SAME)
    with pytest.raises(ImportMovedOn):
        undo_import(job=job, by=network.by, at=LATER)
    store_import(job=job, by=network.by, at=LATER)
    go_on()
    taken_back(network, job)

    undo_import(job=job, by=network.by, at=LATER)

    assert go_on() == 0
    with pytest.raises(ImportMovedOn):
        store_import(job=job, by=network.by, at=LATER)


def test_names_what_cannot_be_given_back(network: Network) -> None:
    """What was there before names a level that is called otherwise now."""
    network.partner(external_id="D-9", certifications=[CertificationDetails("gold")])
    job = stored(network, "Nummer;Stufe\nD-9;silver\n")
    with tenant_context(network.manufacturer.id):
        row = ImportRow.objects.get(job=job)
        assert row.before is not None
        row.before["certifications"][0]["level"] = "platinum"
        row.save()

    job = taken_back(network, job)

    assert undone(network, job) == {"D-9": "KEPT"}
    assert "platinum" in rows(network, job)[0][3]


def test_discards_a_file_of_which_nothing_is_stored(network: Network) -> None:
    job = checked(network, SAME)

    discard_import(job=job, by=network.by)

    assert [count_rows(model) for model in (Import, ImportPart, ImportRow)] == [0, 0, 0]
    with pytest.raises(NotVisible):
        discard_import(job=job, by=network.by)


def test_keeps_what_is_stored_from_being_discarded(network: Network) -> None:
    job = stored(network, SAME)

    with pytest.raises(ImportMovedOn):
        discard_import(job=job, by=network.by)


def test_takes_no_more_files_than_can_be_finished(network: Network) -> None:
    for _ in range(UNFINISHED_AT_MOST):
        send(network, SAME)

    with pytest.raises(TooManyImports):
        send(network, SAME)


@pytest.mark.parametrize("content", [b"", b"x" * (LARGEST_FILE + 1)], ids=["empty", "too large"])
def test_refuses_a_file_of_no_use(network: Network, content: bytes) -> None:
    with pytest.raises(InvalidInput):
        send(network, content)

    assert count_rows(Import) == 0


def test_forgets_in_time(network: Network) -> None:
    left, done = checked(network, SAME), stored(network, SAME)
    days = timedelta(days=1)

    assert forget_imports(at=LATER + days) == 0
    assert forget_imports(at=LATER + days + MINUTE) == 1
    assert forget_imports(at=LATER + 29 * days) == 0
    with system_context("test"):
        assert list(Import.objects.values_list("id", flat=True)) == [done.id]
    assert forget_imports(at=LATER + 31 * days) == 1

    assert names(network) == {"D-1": "Heizung Huber"}
    assert count_rows(ImportRow) == 0
    assert left.id != done.id


def test_keeps_manufacturers_apart(network: Network, other_network: Network) -> None:
    save_product_line(code="sofas", name="Sofas", by=other_network.by)

    job = stored(network, FIVE)
    stored(other_network, SAME)

    assert rows(network, job)[-1][2] == "REFUSED"
    assert names(network)["D-1"] == "Huber neu"
    assert names(other_network) == {"D-1": "Heizung Huber"}
    with tenant_context(other_network.manufacturer.id):
        assert Import.objects.count() == 1
        assert not ImportRow.objects.filter(job=job).exists()


def test_takes_a_name_however_it_is_written(network: Network) -> None:
    job = send(network, SAME, file_name="a" * 300 + "\0.csv")

    assert len(job.file_name) == 150
    assert job.file_name.isprintable()
    assert jobs.importer_of("PARTNERS") is importer.PARTNERS
