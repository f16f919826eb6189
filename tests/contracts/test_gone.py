"""Erased means gone: no word of a customer is left in a dump, files, logs, messages or the broker.

Every field in which something personal may stand holds a word that stands nowhere else. It goes
the whole way: it is pushed, typed, offered, declined, accepted, worked on, mailed, looked at,
exported. Then it is erased, and everything that is kept is searched.
"""

import logging
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kpis.periods import Period
from kpis.selectors import figures_visible_to
from leadhub.core import clock
from leadhub.core.tenancy.context import system_context, tenant_context
from leads.audit import verify_log
from leads.messages import deliver_due
from leads.models import Lead
from tests.acting import DAY, member
from tests.api.calling import Api, lead_body
from tests.contracts.catalogue import ask
from tests.contracts.traces import (
    CODE,
    PERSONAL,
    PHONES,
    PLACE,
    PROOF,
    TRACES,
    WORD,
    all_of,
    broker,
    dump,
    files_with_traces,
    publish_everything,
    read,
    sessions,
    tables_with_traces,
)
from tests.factories import PDF, Network
from tests.mail_server import mail_server
from tests.pages.acting import logged_in
from tests.pages.desks import at_desk


def once(name: str) -> dict[str, str]:
    """A key by which an answer is kept to be replayed."""
    return {"Idempotency-Key": name}


class Life:
    """A network in which customers named ``WORD`` go every way there is."""

    def __init__(self) -> None:
        self.network = Network()
        self.network.policy({"partners": 2, "response_window": 86_400})
        self.partner, self.rival = self.network.partners(2)
        self.own = Api(self.network.api_key)
        self.program = Api(self.network.key_for(self.partner))
        self.rivals = Api(self.network.key_for(self.rival))
        self.desk = at_desk(self.network)
        rep = member(self.network, "rep@partner.example", "PARTNER_REP", self.partner)
        self.phone = logged_in(Client(), rep)

    def push(self, name: str, **changes: Any) -> Any:
        """Push a customer, twice; only what is answered the first time is kept."""
        body = lead_body(**{**PERSONAL, "external_id": name, **changes})
        answer = self.own.post("leads/", body, **once(name))
        assert answer.status == 201, answer.body
        assert self.own.post("leads/", body, **once(name)).headers["Idempotent-Replayed"]
        return answer.json

    def go_every_way(self) -> None:
        self._work(self.push("won", **PLACE))
        self._come_back(self.push("returned"))
        self.push("on-offer")
        self.push("held", postal_code=CODE)
        self.push("open", postal_code="20095")
        bulk = {"leads": [lead_body(**PERSONAL, external_id="bulk")]}
        assert self.own.post("leads/bulk/", bulk, **once("bulk")).status == 200
        self._look()

    def _work(self, lead: Any) -> None:
        mine, others = self._offers(lead["id"])
        declined = {"reason": "OTHER", "note": f"I know {WORD}"}
        self.rivals.post(f"offers/{others}/decline/", declined, **once("decline"))
        assert self.program.post(f"offers/{mine}/accept/", **once("accept")).status == 200
        (work,) = self.program.get("assignments/").json["results"]
        path = f"assignments/{work['id']}"
        self.program.post(f"{path}/contact/", {"reached": True}, **once("contact"))
        plan = SimpleUploadedFile(f"{WORD}.pdf", PDF + WORD.encode())
        assert self.phone.post(f"/{path}/files/", {"file": plan}).status_code == 302
        note = {"status": "APPOINTMENT", "note": f"{WORD} at home on Monday"}
        assert self.program.post(f"{path}/feedback/", note, **once("feedback")).status == 200
        self.phone.get(f"/assignments/{work['id']}/")
        page = f"/assignments/{work['id']}"
        tomorrow = (clock.now() + DAY).isoformat()
        due = {"due_at": tomorrow, "text": f"call {WORD}"}
        assert self.phone.post(f"{page}/reminder/", due).status_code == 302
        assert self.phone.post(f"{page}/notes/", {"text": f"{WORD} is shy"}).status_code == 302
        assert self.phone.get(f"{page}/calendar/").status_code == 200
        won = {"status": "WON", "value": "4800", "note": f"{WORD} signed"}
        assert self.phone.post(f"/assignments/{work['id']}/feedback/", won).status_code == 302

    def _come_back(self, lead: Any) -> None:
        mine, _ = self._offers(lead["id"])
        self.program.post(f"offers/{mine}/accept/", **once("accept-2"))
        work = self.program.get("assignments/").json["results"][0]["id"]
        answer = self.program.post(f"assignments/{work}/return/", {"reason": "OTHER"})
        assert answer.status == 200

    def _offers(self, lead_id: str) -> tuple[Any, Any]:
        with tenant_context(self.network.manufacturer.id):
            lead = Lead.objects.get(id=lead_id)
        offers = {offer.partner_id: offer.id for offer in self.network.offers(lead)}
        return offers[self.partner.id], offers[self.rival.id]

    def _look(self) -> None:
        asked = {"email": f"{WORD}@example.com"}
        assert len(self.own.post("customer-data/", asked, **once("all")).json["leads"]) == 6
        for lead in self.leads():
            assert self.desk.get(f"/leads/{lead.id}/").status_code == 200
        self.desk.get("/leads/", {"q": WORD})
        self.desk.post("/leads/customer-data/", {"wanted": PHONES[1], "download": "yes"})
        self.phone.get("/inbox/")

    def leads(self) -> list[Lead]:
        """Every lead, the oldest first."""
        with tenant_context(self.network.manufacturer.id):
            return list(Lead.objects.order_by("received_at", "id"))

    def erase(self) -> None:
        """Erase every lead: one at the desk, the others by program."""
        first, *others = self.leads()
        answer = self.desk.post(f"/leads/{first.id}/erase/", {"is_certain": "yes"})
        assert answer.status_code == 302
        for lead in others:
            name = str(lead.id)
            assert self.own.post(f"leads/{lead.id}/erase/", **once(name)).status == 200

    def figures(self, at: datetime) -> Any:
        """Every figure, as of an instant."""
        period = Period(starts=at - DAY, ends=at + DAY)
        with tenant_context(self.network.manufacturer.id):
            return figures_visible_to(self.network.by, period=period, group_by=(), at=at)


@pytest.mark.usefixtures("committed")
def test_leaves_no_trace_of_a_customer_anywhere(
    settings: LazySettings, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with mail_server() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        life = Life()
        life.go_every_way()
        while deliver_due():
            pass
        at = clock.now()
        before, figures = tables_with_traces(dump()), life.figures(at)
        server.received.clear()

        life.erase()
        while deliver_due():
            pass

        with broker(tmp_path) as (store, url):
            publish_everything(url)
            published = all_of(store)
        dumped, mails = dump(), [read(message) for message in server.received]

    # The controls: the traces were there, and what has to stay is.
    assert before.keys() == {
        "public.leads_leadcontact",
        "public.leads_lead",
        "public.leads_leadattachment",
        "public.leads_leadsearch",
        "public.leads_leadfeedback",
        "public.leads_leadnote",
        "public.leads_reminder",
        "public.leads_leadoffer",
        "public.core_idempotentanswer",
    }
    assert dumped.count(PROOF) == 6
    assert sum(mail.startswith("Bitte löschen") for mail in mails) == 2
    assert sum(mail.startswith("Zurückgezogen") for mail in mails) == 5
    assert "leads.tasks.erase_overdue" in published
    # No trace is left.
    assert tables_with_traces(dumped) == Counter()
    assert files_with_traces(Path(settings.LEADHUB_DATA)) == []
    assert TRACES.findall(sessions()) == []
    assert TRACES.findall(" ".join(mails)) == []
    assert TRACES.findall(published) == []
    assert TRACES.findall(caplog.text) == []
    # All else is as it was.
    assert life.figures(at) == figures
    assert verify_log(life.network.manufacturer.id).broken is None


def test_writes_nothing_personal_into_the_log_in_the_first_place(db: None) -> None:
    """What makes erasure possible without a touch to the log; and deliveries hold no words."""
    life = Life()
    life.go_every_way()

    with system_context("test.log"):
        told = str(ask("SELECT e::text FROM leads_leadevent e"))
        told += str(ask("SELECT d::text FROM core_delivery d"))
        told += str(ask("SELECT d::text FROM leads_leaddisclosure d"))

    assert TRACES.findall(told) == []
