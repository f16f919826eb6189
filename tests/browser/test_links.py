"""A link only shows: whoever opens what was mailed, a scanner or its browser, changes nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.core import mail as sent
from django.test import Client

from leadhub.core import clock
from leadhub.core.tenancy.context import tenant_context
from leads.dispatch import assign_lead, withdraw_lead
from leads.erasure import erase_lead
from leads.messages import deliver_due
from leads.models import LeadOffer
from partners.invitations import invite
from partners.models import Membership
from tests.acting import accept
from tests.browser.people import dealer, hot_lead
from tests.contracts.traces import dump
from tests.factories import Network
from tests.pages.acting import logged_in
from tests.people.letters import letters_to

if TYPE_CHECKING:
    from tests.browser.conftest import OpenPage

LINK = re.compile(r"https?://[^/\s]+(/\S*)")
# The first step of every address that mails link to.
LINKED = {"assignments", "invitations", "l", "leads", "password"}
NEW = "new@partners.example"
# What a visit leaves behind by itself.
SESSIONS = "public.django_session"
NEW_PASSWORD = "kiesel-farn-igel-646"  # noqa: S105 - of people who do not exist


class Mailed:
    """A network in which everything has happened that mails tell of."""

    def __init__(self) -> None:
        self.network, at = Network(), clock.now()
        self.network.policy({"partners": 2, "response_window": 86_400})
        self.alpha, self.beta = dealer(self.network, "Alpha"), dealer(self.network, "Beta")
        self.lead = hot_lead(self.network)
        withdrawn, taken, erased = (hot_lead(self.network) for _ in range(3))
        unplaced = hot_lead(self.network, postal_code="20095")
        deliver_everything()
        withdraw_lead(lead=withdrawn, by=self.network.by, at=at)
        accept(self.network.offers(taken)[0], at=clock.now())
        accept(self.network.offers(erased)[0], at=clock.now())
        erase_lead(lead=erased, by=self.network.by, at=clock.now())
        assign_lead(lead=unplaced, partner=self.beta.partner, by=self.network.by, at=clock.now())
        invite(
            email=NEW,
            role="PARTNER_REP",
            partner=self.alpha.partner,
            by=self.network.by,
            at=clock.now(),
        )
        browser = Client()
        browser.post("/log-in/code/", {"email": self.alpha.email})
        browser.post("/password/forgotten/", {"email": self.beta.email})
        deliver_everything()
        letters_to(NEW)

    def of_alpha(self) -> Client:
        """Alpha's person, logged in."""
        with tenant_context(self.network.manufacturer.id):
            membership = Membership.objects.get(user__email=self.alpha.email)
        return logged_in(Client(), membership)


def deliver_everything() -> None:
    while deliver_due():
        pass


def links() -> list[str]:
    """The path of every link that was mailed."""
    return sorted({path for letter in sent.outbox for path in LINK.findall(str(letter.body))})


def state() -> dict[str, str]:
    """Everything that the database holds, by table."""
    tables: dict[str, str] = {}
    table = ""
    for line in dump().splitlines():
        if line.startswith("COPY "):
            table = line.split()[1]
        elif line.startswith("\\unrestrict "):
            break  # a word drawn anew for each dump
        tables[table] = f"{tables.get(table, '')}{line}\n"
    return tables


def changed(before: dict[str, str]) -> set[str]:
    """The tables that are not as they were; not the sessions of visitors."""
    after = state()
    names = before.keys() | after.keys()
    found = {name for name in names if before.get(name) != after.get(name)}
    return {name for name in found if name.startswith("public.")} - {SESSIONS}


def test_opening_what_was_mailed_changes_nothing(open_page: OpenPage) -> None:
    mailed = Mailed()
    paths = links()
    assert {path.split("/")[1] for path in paths} == LINKED, paths
    before = state()

    for path in paths:
        for method in ("HEAD", "GET", "OPTIONS"):
            Client().generic(method, path, follow=True)
        page = open_page("desk")
        page.clock.install()
        page.goto(path)
        # Whatever a script wants to do later is due by then.
        page.clock.run_for(10_000)
        page.wait_for_load_state("networkidle")
        page.context.close()

    assert changed(before) == set()
    # The controls: the links are still good, and a tap does change something.
    for path in paths:
        if path.startswith(("/invitations/", "/password/")):
            take(path)
    assert changed(before) >= {"public.partners_invitation", "public.partners_user"}
    with tenant_context(mailed.network.manufacturer.id):
        offer = LeadOffer.objects.get(lead=mailed.lead, partner=mailed.alpha.partner)
    mailed.of_alpha().post(f"/offers/{offer.id}/accept/")
    assert changed(before) >= {"public.leads_assignment", "public.leads_leadoffer"}


def take(path: str) -> None:
    """Open a link and do what its page offers."""
    client = Client()
    here = urlsplit(client.get(path, follow=True).redirect_chain[-1][0]).path
    fields = {"name": "Nora New", "password": NEW_PASSWORD}
    answer = client.post(here, {**fields, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert answer.status_code == 302, answer.content.decode()


def test_somebody_logged_in_is_noted_as_having_looked_and_no_more(open_page: OpenPage) -> None:
    mailed = Mailed()
    client = mailed.of_alpha()
    before = state()

    for path in links():
        if not path.startswith(("/invitations/", "/password/")):
            for method in ("HEAD", "GET"):
                client.generic(method, path)

    assert changed(before) <= {
        "public.leads_lead",
        "public.leads_leaddisclosure",
        "public.leads_leadevent",
    }
