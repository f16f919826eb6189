"""No row of a customer gets into a log, not even when the database refuses it."""

import logging

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from leadhub.core.tenancy.context import tenant_context
from leads.models import LeadContact
from tests.factories import Network

logger = logging.getLogger(__name__)
WORD = "Qzanderbach"


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
