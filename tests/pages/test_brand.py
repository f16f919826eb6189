"""Mails look like the manufacturer's, and can be read."""

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from partners.tenants import contrast
from tests.factories import Network
from tests.messaging import deliver
from tests.pages.desks import at_desk, read, text_of

PAGE = "/set-up/brand/"


def test_sends_mails_in_the_colours_and_the_name_that_were_chosen(network: Network) -> None:
    desk = at_desk(network)
    network.partner()
    network.lead()

    answer = desk.post(PAGE, {"text": "Wärme <Nord>", "color": "#0B6B3A", "ink": "#ffffff"})
    deliver()

    assert answer.status_code == 302
    (sent,) = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    html = str(sent.alternatives[0][0])
    assert "#0b6b3a" in html
    assert "Wärme &lt;Nord&gt;" in html
    assert sent.from_email.endswith("<leads@leadhub.example>")
    assert read(desk, PAGE).count("Wärme <Nord>") == 3


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"color": "#ffff00", "ink": "#ffffff"}, "too alike to be read: 1.1 to 1"),
        ({"color": "red", "ink": "#ffffff"}, "Write the colour as #rrggbb"),
        ({"color": '"><b', "ink": "#ffffff"}, "Write the colour as #rrggbb"),
        ({"color": "#00000\n", "ink": "#ffffff"}, "Write the colour as #rrggbb"),
        ({"color": "", "ink": "#ffffff"}, "Please fill this in."),
    ],
)
def test_refuses_what_cannot_be_read(network: Network, sent: dict[str, str], words: str) -> None:
    answer = at_desk(network).post(PAGE, {"text": "", **sent})

    assert answer.status_code == 422
    assert words in text_of(answer)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#ffffff", "#ffffff", 1.0), ("#767676", "#ffffff", 4.54)],
)
def test_measures_how_well_colours_stand_out(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)
