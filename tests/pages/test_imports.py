"""Importing partners and past leads at the desk, step by step, with and without scripts."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from leadhub.core import clock
from leadhub.core.tables import read_table
from leadhub.core.tenancy.context import tenant_context
from leads.models import Lead
from partners.imports.fields import FIELDS
from partners.imports.jobs import UNFINISHED_AT_MOST, go_on_with_imports
from partners.models import Import, Partner
from tests.factories import NOON, Network, count_rows
from tests.pages.acting import by_script
from tests.pages.desks import at_desk, queries_of, read, text_of

FILE = "Nummer;Firma;PLZ;Telefon\nD-1;Huber;80331;=1+1\nD-2;Meier;80331;089 1234567\n"
PAST = (
    "external_id,product_line,country,received_at\n"
    "1,heat-pumps,DE,2026-01-02T08:00Z\n2,sofas,DE,2026-01-02T08:00Z\n"
)


@pytest.fixture
def desk(network: Network) -> Client:
    """The desk of an administrator."""
    return at_desk(network)


def go_on() -> None:
    while go_on_with_imports(at=clock.now()):
        pass


def upload(client: Client, address: str, content: str | bytes, **sent: Any) -> Any:
    body = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile(sent.pop("name", "file.csv"), body)
    return client.post(address, {"file": file, "upload_key": str(uuid4()), **sent})


def sent_file(client: Client, address: str, content: str) -> str:
    """Upload a file; the address of its import."""
    answer = upload(client, address, content)
    assert answer.status_code == 302, text_of(answer)
    go_on()
    return str(answer.headers["Location"])


def columns(**more: str) -> dict[str, str]:
    chosen = ("external_id", "name", "postal_code", "phone")
    return {"country": "DE", **{f"column_{n}": name for n, name in enumerate(chosen)}, **more}


def press(client: Client, address: str, **sent: str) -> None:
    answer = client.post(address, sent)
    assert answer.status_code == 302, text_of(answer)
    go_on()


def test_leads_from_the_file_to_the_partners(desk: Client, network: Network) -> None:
    assert 'href="/partners/import/"' in read(desk, "/partners/")
    here = sent_file(desk, "/partners/import/", FILE)

    asked = read(desk, here)
    assert '<option value="postal_code" selected>' in asked
    assert "D-1 · D-2" in asked
    press(desk, f"{here}columns/", **columns())

    foretold = read(desk, here)
    assert "1 partner would be stored" in foretold
    assert "Phone: No phone can have this number." in foretold
    assert count_rows(Partner) == 0
    press(desk, f"{here}store/")

    done = read(desk, here)
    assert "1 partner is stored" in done
    with tenant_context(network.manufacturer.id):
        assert list(Partner.objects.values_list("external_id", flat=True)) == ["D-2"]
    assert "Meier" in read(desk, f"{here}?show=NEW")

    press(desk, f"{here}undo/")
    assert "This import was taken back" in read(desk, here)
    assert count_rows(Partner) == 0
    assert "file.csv" in read(desk, "/partners/import/")


def test_hands_refused_rows_out_to_be_corrected(desk: Client) -> None:
    here = sent_file(desk, "/partners/import/", FILE)
    press(desk, f"{here}columns/", **columns())

    answer = desk.get(f"{here}refused/")

    assert "attachment" in answer.headers["Content-Disposition"]
    table = read_table(answer.content, rows_at_most=10)
    assert list(table.headings) == ["reason", "Nummer", "Firma", "PLZ", "Telefon"]
    (row,) = table.rows
    assert list(row.cells) == [
        "2: Phone: No phone can have this number.",
        "D-1",
        "Huber",
        "80331",
        "=1+1",
    ]
    assert b"'=1+1" in answer.content


def test_shows_what_would_change(desk: Client, network: Network) -> None:
    network.partner(external_id="D-2", name="Alt")
    here = sent_file(desk, "/partners/import/", "Nummer;Firma\nD-2;Neu\n")
    press(desk, f"{here}columns/", column_0="external_id", column_1="name", country="DE")

    page = read(desk, here)

    assert re.search(r"before: </span>Alt</del>.*after: </span>Neu</ins>", page)


def test_shows_progress_with_and_without_scripts(desk: Client) -> None:
    answer = upload(desk, "/partners/import/", FILE)
    here = answer.headers["Location"]

    page = read(desk, here)
    part = read(desk, here, headers=by_script(here))
    go_on()
    after = read(desk, here, headers=by_script(here))

    assert "The file is being read." in page
    assert f'hx-get="{here}" hx-trigger="every 1s"' in part
    assert "<html" not in part
    assert "hx-trigger" not in after.partition("<form")[0]
    assert f'href="{here}"' in page


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"column_0": ""}, "Choose which column is the number of the partner."),
        ({"column_1": "phone"}, "“Phone” is chosen for another column already."),
        ({"column_1": "colour"}, "Select a valid choice."),
        ({"country": "XX"}, "Select a valid choice."),
    ],
)
def test_asks_for_columns_that_make_sense(desk: Client, change: dict[str, str], says: str) -> None:
    here = sent_file(desk, "/partners/import/", FILE)

    answer = desk.post(f"{here}columns/", columns(**change))

    assert answer.status_code == 422
    assert says in text_of(answer)


def test_lets_columns_be_changed_after_looking(desk: Client) -> None:
    here = sent_file(desk, "/partners/import/", FILE)
    press(desk, f"{here}columns/", **columns())

    assert '<option value="phone" selected>' in read(desk, f"{here}columns/")
    press(desk, f"{here}columns/", **columns(column_3=""))

    assert "2 partners would be stored" in read(desk, here)


@pytest.mark.parametrize(
    ("content", "says"), [(b"", "is empty"), (b"x" * (20 * 1024 * 1024 + 1), "at most 20 MB")]
)
@pytest.mark.parametrize("address", ["/partners/import/", "/set-up/history/"])
def test_refuses_a_file_of_no_use(desk: Client, address: str, content: bytes, says: str) -> None:
    answer = upload(desk, address, content)

    assert answer.status_code == 422
    assert says in text_of(answer)
    assert count_rows(Import) == 0


@pytest.mark.parametrize("address", ["/partners/import/", "/set-up/history/"])
def test_says_that_a_file_cannot_be_read(desk: Client, address: str) -> None:
    here = sent_file(desk, address, "%PDF-1.7")

    page = read(desk, here)

    assert "This file cannot be read" in page
    assert "This is neither CSV nor XLSX." in page
    assert f'href="{address}"' in page


def test_is_one_import_when_sent_twice(desk: Client) -> None:
    key = str(uuid4())

    first, second = (
        upload(desk, "/partners/import/", FILE, upload_key=key).headers["Location"]
        for _ in range(2)
    )

    assert first == second
    assert count_rows(Import) == 1


def test_takes_another_file_from_the_same_form(desk: Client) -> None:
    key = str(uuid4())

    first, second = (
        upload(desk, "/partners/import/", content, upload_key=key).headers["Location"]
        for content in (FILE, PAST)
    )

    assert first != second
    assert count_rows(Import) == 2


def test_says_that_too_many_are_not_finished(desk: Client) -> None:
    for _ in range(UNFINISHED_AT_MOST):
        upload(desk, "/partners/import/", FILE)

    answer = upload(desk, "/partners/import/", FILE)

    assert answer.status_code == 422
    assert "Other imports are not finished." in text_of(answer)


@pytest.mark.parametrize("deed", ["store", "undo"])
def test_says_that_an_import_is_not_so_far(desk: Client, deed: str) -> None:
    here = sent_file(desk, "/partners/import/", FILE)

    answer = desk.post(f"{here}{deed}/", follow=True)

    assert "This import has moved on since" in text_of(answer)


def test_forgets_a_file_at_once_when_told_so(desk: Client) -> None:
    here = sent_file(desk, "/partners/import/", FILE)

    answer = desk.post(f"{here}discard/", follow=True)

    assert "The file is deleted; nothing was imported." in text_of(answer)
    read(desk, here, status=404)


@pytest.mark.parametrize("kind", ["", "?as=csv"])
def test_hands_a_template_out(desk: Client, kind: str) -> None:
    answer = desk.get(f"/partners/import/template/{kind}")

    assert "attachment" in answer.headers["Content-Disposition"]
    if kind:
        assert answer.content.decode("utf-8-sig").count(",") == len(FIELDS) - 1
    else:
        assert answer.content.startswith(b"PK\x03\x04")


def test_shows_an_import_as_often_asked_however_many_rows_it_has(
    desk: Client, network: Network
) -> None:
    counts = []
    for rows in (1, 10):
        lines = "".join(f"D-{n};Firma {n};80331;\n" for n in range(rows))
        here = sent_file(desk, "/partners/import/", "Nummer;Firma;PLZ;Telefon\n" + lines)
        press(desk, f"{here}columns/", **columns())
        counts.append((queries_of(desk, here), queries_of(desk, "/partners/import/")))

    assert counts[0] == counts[1]


def test_stores_past_leads_after_showing_what_is_refused(desk: Client, network: Network) -> None:
    assert 'href="/set-up/history/"' in read(desk, "/set-up/")
    with clock.set_to(NOON):
        here = sent_file(desk, "/set-up/history/", PAST)

        foretold = read(desk, here)
        assert "1 lead would be stored" in foretold
        assert "line 3: no product line has the code 'sofas'" in foretold
        assert count_rows(Lead) == 0
        press(desk, f"{here}store/")

        assert "1 lead is stored" in read(desk, here)
    with tenant_context(network.manufacturer.id):
        assert list(Lead.objects.values_list("external_id", "is_imported")) == [("1", True)]


def test_takes_refused_past_leads_back_when_they_are_corrected(
    desk: Client, network: Network
) -> None:
    with clock.set_to(NOON):
        here = sent_file(desk, "/set-up/history/", PAST)
        refused = desk.get(f"{here}refused/").content.decode("utf-8-sig")
        press(desk, f"{here}store/")

        here = sent_file(desk, "/set-up/history/", refused.replace(",sofas,", ",boilers,"))
        assert "1 lead would be stored" in read(desk, here)
        press(desk, f"{here}store/")

    assert count_rows(Lead) == 2


def test_stores_past_leads_once(desk: Client, network: Network) -> None:
    with clock.set_to(NOON):
        first = sent_file(desk, "/set-up/history/", PAST)
        press(desk, f"{first}store/")
        second = sent_file(desk, "/set-up/history/", PAST)
        press(desk, f"{second}store/")

        page = read(desk, second)

    assert "0 leads are stored" in page
    assert count_rows(Lead) == 1


def test_knows_imports_of_one_kind_by_its_own_address_only(desk: Client) -> None:
    here = sent_file(desk, "/partners/import/", FILE)
    number = here.rstrip("/").rpartition("/")[2]

    read(desk, f"/set-up/history/{number}/", status=404)
    for deed in ("store", "discard"):
        assert desk.post(f"/set-up/history/{number}/{deed}/").status_code == 404


def test_shows_another_manufacturer_nothing(desk: Client, other_network: Network) -> None:
    here = sent_file(desk, "/partners/import/", FILE)
    stranger = at_desk(other_network, "ADMIN")

    for deed in ("", "columns/", "refused/"):
        assert stranger.get(f"{here}{deed}").status_code == 404
    for deed in ("columns/", "store/", "undo/", "discard/"):
        assert stranger.post(f"{here}{deed}").status_code == 404
    assert "file.csv" not in read(stranger, "/partners/import/")
