"""Logs hold what is needed to find a fault, and nobody's data."""

import io
import logging
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test import Client
from gunicorn.config import Config

from leadhub.core.access_log import DiscreetLogger
from leadhub.core.logs import DiscreetFormatter, without_personal_data
from leadhub.core.tenancy.context import tenant_context
from leadhub.embedded.application import web_server
from leads.models import Lead, LeadContact
from tests.acting import accept
from tests.api.calling import Api, lead_body
from tests.factories import Network
from tests.pages.desks import at_desk

logger = logging.getLogger(__name__)
WORD = "Qzanderbach"
CANARIES = {
    "first_name": "Canariella",
    "last_name": "Zwitscherling",
    "email": "canariella@kaefig.example",
    "phone": "+498999998123",
    "street": "Vogelweg 7",
}


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("mail to erika.b+x@example.co.uk failed", "mail to (address) failed"),
        ("called +49 89 99998-123 twice", "called (number) twice"),
        ("called 0043 1 58858123", "called (number)"),
        ("called 089 99998123", "called (number)"),
        ("called +49 (0)89 1234567 twice", "called (number) twice"),
        ("called +49 (89) 1234567 twice", "called (number) twice"),
        ("called +49 89 / 1234567 twice", "called (number) twice"),
        ("called +49.89.1234567 twice", "called (number) twice"),
        ("called 089 123 45 67 twice", "called (number) twice"),
        ("called 089/123-4567 twice", "called (number) twice"),
        ("called 0171 123 4567 twice", "called (number) twice"),
        ("Not Found: /leads/?q=Erika&page=2", "Not Found: /leads/?(…)"),
        ("Referer https://a.example/b?token=s3cret here", "Referer https://a.example/b?(…) here"),
        ("to a@b@example.com, or c=d@example.com", "to a@(address), or c=(address)"),
        ('"GET /a/?b=c" and /d?e', '"GET /a/?(…)" and /d?(…)'),
        ("Not Found: /invitations/dG9rZW4_x-y/", "Not Found: /invitations/(…)/"),
        ('"GET /password/new/2a-c0ffee-b00/"', '"GET /password/new/(…)/"'),
        ("DETAIL:  Key (email)=(Erika) already exists.", "DETAIL: (…)"),
    ],
)
def test_leaves_out_what_is_personal(line: str, written: str) -> None:
    assert without_personal_data(line) == written


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-22 23:37:08,123 INFO leads.audit 1200 leads, 01a2003e-1f00-7bdd-8e02-0123456789ab",
        "rate limits: nothing is limited until Redis answers (Error 111 127.0.0.1:6379)",
        "lead 01a2003e-1f00-7bdd-8e02-1234567890ab cannot be escalated; next try in 1:00:00",
        "lead 01234567-8901-7123-8e02-012345678901, postal codes 01067, 04109; 08.11.2026 09:05",
        '10.0.0.1 - - [22/Nov/2026:08:37:02 +0100] "GET / HTTP/1.1" 200 1234; 1.0.0+20261122',
        "Is that so? Yes: 0.0123 s, 10000000 rows, port 8000",
    ],
)
def test_leaves_in_what_finds_a_fault(line: str) -> None:
    assert without_personal_data(line) == line


LONG = 150_000  # characters; reading them again from each would take longer than a test may
NEARLY_NUMBERS = ("0", "(0", "089 x", "+1 ", " +49", "1 / ")


@pytest.mark.parametrize(
    "piece",
    ["a", "/", "1.", "\n", "\n ", "http://", "@a.", "/invitations/", "DETAIL", *NEARLY_NUMBERS],
)
def test_reads_a_long_line_once(piece: str) -> None:
    """What stands in a path or a header, whoever sends it chooses."""
    line = f"Not Found: /{piece * (LONG // len(piece))}"

    assert without_personal_data(line) == line


# As the database does where it may show the row.
REFUSE_A_ROW = f"""
    DO $$ BEGIN
        RAISE unique_violation USING MESSAGE = 'duplicate key breaks "aviary_pkey"',
            DETAIL = 'Key (name)=({CANARIES["first_name"]}) already exists.';
    END $$
"""


@pytest.mark.django_db
def test_leaves_the_rows_out_that_the_database_quotes() -> None:
    name = CANARIES["first_name"]
    record = logging.LogRecord("x", logging.ERROR, "x", 1, "failed", None, None)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(REFUSE_A_ROW)
    except IntegrityError as error:
        record.exc_info = (type(error), error, error.__traceback__)
    plain, written = logging.Formatter().format(record), DiscreetFormatter().format(record)

    assert name in plain
    assert name not in written
    assert "aviary_pkey" in written


def test_a_whole_day_leaves_nobodys_name_in_the_log(network: Network) -> None:
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    handler.setFormatter(DiscreetFormatter("%(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        live_through_a_day(network)
    finally:
        root.removeHandler(handler)
        root.setLevel(before)

    written = log.getvalue()
    assert "Not Found" in written
    assert [word for word in CANARIES.values() if word.lower() in written.lower()] == []


def live_through_a_day(network: Network) -> None:
    """Take a lead in, look for it, work on it, and do much that is refused and warned of."""
    api, desk = Api(network.api_key), at_desk(network)
    network.partner(email="dealer-canary@kaefig.example")
    made = api.post("leads/", lead_body(contact=CANARIES)).json
    api.post("leads/", lead_body(external_id="2", contact={**CANARIES, "phone": "no number"}))
    api.post("leads/bulk/", {"leads": [lead_body(external_id="3", contact=CANARIES), {}]})
    with tenant_context(network.manufacturer.id):
        lead = Lead.objects.get(id=made["id"])
    accept(network.offers(lead)[0])
    for path in ("/leads/", "/no-such-page/"):
        for word in CANARIES.values():
            desk.get(path, {"q": word})
            api.get(f"leads/?q={word.replace('+', '%2B')}")
    desk.post(f"/leads/{lead.id}/close/", {"value": CANARIES["email"]})
    strict = Client(enforce_csrf_checks=True)
    strict.post("/log-in/", {"email": CANARIES["email"], "password": "x"})
    strict.post("/log-in/", {}, headers={"Origin": "https://evil.example/?q=" + CANARIES["email"]})
    Client().post("/log-in/", {"email": CANARIES["email"], "password": "x"})


@pytest.mark.django_db
@pytest.mark.parametrize("wish", [WORD, f"First.\\n\\n{WORD} wants\\n\\nmuch."])
def test_leaves_out_what_the_database_quotes(caplog: pytest.LogCaptureFixture, wish: str) -> None:
    told = ""

    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT %s::jsonb ->> 'wish'", [f'{{"wish": "{wish} \\u0000"}}'])
    except DataError as error:
        told = str(error)
        logger.exception("a wish was refused")

    assert WORD in told, "the control: the database quotes what was sent"
    assert "unsupported Unicode escape sequence (details left out)" in caplog.text
    assert WORD not in caplog.text


@pytest.mark.django_db
def test_needs_to_leave_out_no_row_for_row_security_hides_it(network: Network) -> None:
    lead = network.lead()
    with (
        tenant_context(network.manufacturer.id),
        pytest.raises(IntegrityError) as refusal,
        transaction.atomic(),
    ):
        LeadContact.objects.filter(lead=lead).update(email="", phone="", wish=WORD)

    assert "a_customer_can_be_reached" in str(refusal.value)
    assert WORD not in str(refusal.value)


def test_leaves_other_failures_as_they_are(caplog: pytest.LogCaptureFixture) -> None:
    try:
        int("one\ntwo")
    except ValueError:
        logger.exception("something else")

    assert "ValueError: invalid literal" in caplog.text
    assert "left out" not in caplog.text


def test_leaves_secrets_out_of_the_web_servers_log() -> None:
    answer = SimpleNamespace(status="200 OK", sent=1, response_length=1, headers=[])
    asked = SimpleNamespace(headers=[])
    environ = {
        "PATH_INFO": "/invitations/s3cret/",
        "RAW_URI": "/invitations/s3cret/?next=/",
        "REQUEST_METHOD": "GET",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_REFERER": "https://leads.example/invitations/s3cret/",
    }

    told = DiscreetLogger(Config()).atoms(answer, asked, environ, timedelta(seconds=1))

    assert told["U"] == "/invitations/(…)/"
    assert "s3cret" not in str({name: told[name] for name in ("r", "U", "f")})
    assert "leadhub.core.access_log.DiscreetLogger" in web_server("127.0.0.1:8000")
