"""What docs/webhooks.md says is so: its snippet reads a message, its figures are the product's."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from standardwebhooks import WebhookVerificationError

from leadhub.core.channels.webhook import ANSWER_KEPT, SECONDS_EACH
from leadhub.core.outbox import PAUSES
from leads.messages import WEBHOOK
from leads.webhooks.log import KEPT
from leads.webhooks.outcomes import FAILING_FOR
from tests.factories import NOON, Network
from tests.webhook_sink import Sink, webhook_sink
from tests.webhooks import hook, tell

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text("utf-8")


@pytest.fixture
def sink(settings: LazySettings) -> Iterator[Sink]:
    settings.OUTGOING_MAY_REACH_LOOPBACK = True
    with webhook_sink() as running:
        yield running


def snippet() -> Any:
    """The function that the page shows."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - it is our own page
    return names["read_message"]


def test_its_snippet_reads_what_arrives(network: Network, sink: Sink) -> None:
    _, secret = hook(network, sink.url)
    network.lead(external_id="CRM-1001")
    tell()

    (heard,) = sink.heard
    read_message = snippet()
    with time_machine.travel(NOON, tick=False):
        read = read_message(heard.body, heard.headers, secret)
        with pytest.raises(WebhookVerificationError):
            read_message(heard.body + b" ", heard.headers, secret)

    assert read == heard.json


def test_its_message_has_the_parts_that_arrive(network: Network, sink: Sink) -> None:
    hook(network, sink.url)
    network.lead()
    tell()

    (heard,) = sink.heard
    shown = json.loads(re.findall(r"\n\n(\{\"type\".*?\}\})\n```", PAGE, re.DOTALL)[0])
    assert shown.keys() == heard.json.keys()
    assert shown["data"].keys() == heard.json["data"].keys()
    assert set(re.findall(r"^(webhook-\w+|content-type):", PAGE, re.MULTILINE)) <= set(
        heard.headers
    )


def test_its_figures_are_those_of_the_product() -> None:
    said = {"5 s": 5, "5 min": 300, "30 min": 1_800}
    said |= {f"{hours} h": hours * 3_600 for hours in (2, 5, 10, 14, 20, 24)}
    text = " ".join(PAGE.split())

    assert [pause.total_seconds() for pause in PAUSES[WEBHOOK]] == list(said.values())
    assert all(word in text for word in said)
    assert "ten times over about 75 hours" in text
    assert f"within {SECONDS_EACH:.0f} seconds" in text
    assert f"first {ANSWER_KEPT} characters" in text
    assert (FAILING_FOR.days, "nothing got through for three days" in text) == (3, True)
    assert (KEPT.days, "in the last 30 days" in text) == (30, True)
