"""What somebody sets up: the tables of it, and what a request made of them and recorded."""

from collections.abc import Callable
from typing import NamedTuple

from leadhub.core import clock
from leadhub.core.tenancy.context import system_context
from partners.models import SetUpChange
from partners.single_sign_on import save_connection
from tests.contracts.catalogue import ask
from tests.factories import Network

# Tables that somebody sets up; the others hold what happened, or what follows from these.
SET_UP = {
    "leads_consenttext",
    "leads_routingpolicy",
    "leads_webhook",
    "leads_savedview",
    "leads_webform",
    "partners_absence",
    "partners_apikey",
    "partners_certification",
    "partners_certificationlevel",
    "partners_exclusion",
    "partners_invitation",
    "partners_material",
    "partners_materialproductline",
    "partners_materialversion",
    "partners_manufacturer",
    "partners_membership",
    "partners_partner",
    "partners_portfolioitem",
    "partners_productline",
    "partners_servicearea",
    "partners_singlesignon",
}


NOT_SET_UP = {
    "core_delivery",
    "core_idempotentanswer",
    "leads_assignment",
    "leads_bulkdeed",
    "leads_lead",
    "leads_leadattachment",
    "leads_leadconsent",
    "leads_leadcontact",
    "leads_leaddisclosure",
    "leads_leadevent",
    "leads_leadfeedback",
    "leads_leadnote",
    "leads_leadoffer",
    "leads_leadproductline",
    "leads_leadsearch",
    "leads_logcheckpoint",
    "leads_missedmonth",
    "leads_openingview",
    "leads_partnercomparison",
    "leads_partnerperformance",
    "leads_partnerstanding",
    "leads_pick",
    "leads_reminder",
    "leads_replay",
    "leads_wave",
    "leads_webhookattempt",
    "leads_webhookstanding",
    "partners_coveragecode",
    "partners_import",
    "partners_importfile",
    "partners_importpart",
    "partners_importrow",
    "partners_materialopening",
    "partners_portfoliotally",
    "partners_setupchange",
    "partners_user",
}


# Columns that note a use; nobody set them.
NOTED = ("last_used_at",)


Rows = dict[tuple[str, str], str]


def set_up_rows() -> Rows:
    """A digest of every row of the set-up, whoever's it is."""
    rows: Rows = {}
    noted = "{" + ",".join(NOTED) + "}"
    with system_context("test.set_up_rows"):
        for table in SET_UP:
            for key, digest in ask(
                f"SELECT id, md5((to_jsonb(t) - %s::text[])::text) FROM {table} t", noted
            ):
                rows[table, str(key)] = digest
    return rows


def recorded() -> list[SetUpChange]:
    with system_context("test.recorded"):
        return list(SetUpChange.objects.order_by("recorded_at", "id"))


class Effect(NamedTuple):
    """What a request made of the set-up, and what it recorded."""

    tables: set[str]
    changes: list[SetUpChange]


def effect_of(act: Callable[[], object]) -> Effect:
    rows, known = set_up_rows(), {change.id for change in recorded()}
    act()
    tables = {table for (table, _), _ in rows.items() ^ set_up_rows().items()}
    return Effect(tables, [change for change in recorded() if change.id not in known])


PROVIDER = {
    "issuer": "https://login.example.com",
    "client_id": "leadhub",
    "secret": "kept-to-ourselves",
    "domain": "acme.example",
}


def connected(network: Network) -> None:
    save_connection(**PROVIDER, by=network.by, at=clock.now())
