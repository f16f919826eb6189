"""Invitations that are accepted at the moment at which something else happens to them."""

from functools import partial
from typing import Any

import pytest
from django.db.models import QuerySet

from leadhub.core.tenancy.context import system_context, tenant_context
from partners.invitations import InvitationOver, OtherAddress, accept_as_new, invite, withdraw
from partners.models import Invitation, User
from partners.single_sign_on import let_in, save_connection
from tests.factories import NOON, Network
from tests.people.letters import letters_to, link_in
from tests.races.holding import Meeting, failures, hold_at

NEW = "new@acme.example"
PASSWORD = "kiesel-farn-igel-646"  # noqa: S105 - of people who do not exist


def let_in_while_it_is_withdrawn(patch: pytest.MonkeyPatch) -> tuple[list[Any], Invitation]:
    """Let a provider name somebody who is invited, as somebody withdraws the invitation."""
    network = Network("acme")
    connection = save_connection(
        issuer="https://login.example",
        client_id="c",
        secret="s",
        domain="acme.example",
        by=network.by,
        at=NOON,
    )
    invitation = invite(email=NEW, role="ANALYST", by=network.by, at=NOON)
    meeting = Meeting(2)
    hold_at(patch, meeting, "partners.single_sign_on.open_account", "partners.invitations._lock")
    results = meeting.race(
        partial(let_in, connection=connection, email=NEW, is_verified=True, name="Nora", at=NOON),
        partial(withdraw, invitation=invitation, by=network.by, at=NOON),
    )
    with tenant_context(network.manufacturer.id):
        return results, Invitation.objects.get()


def test_withdraws_no_invitation_by_which_somebody_is_let_in(
    committed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, invitation = let_in_while_it_is_withdrawn(monkeypatch)

    assert failures(results) == [InvitationOver]
    assert (invitation.accepted_at, invitation.withdrawn_at) == (NOON, None)


def test_would_do_both_without_the_lock(committed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: nothing else keeps the two apart."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows.all())

    results, invitation = let_in_while_it_is_withdrawn(monkeypatch)

    assert failures(results) == []
    assert (invitation.accepted_at, invitation.withdrawn_at) == (NOON, NOON)


def test_makes_an_account_by_the_first_of_two_invitations_alone(
    committed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has an account shows who they are, whoever's invitation it was that made it."""
    for slug in ("acme", "globex"):
        invite(email=NEW, role="ANALYST", by=Network(slug).by, at=NOON)
    tokens = [link_in(letter).split("/")[2] for letter in letters_to(NEW)]
    meeting = Meeting(2, in_order=False)
    hold_at(monkeypatch, meeting, "partners.invitations._lock")

    results = meeting.race(
        *[
            partial(accept_as_new, token=token, name=token[:8], password=PASSWORD, at=NOON)
            for token in tokens
        ]
    )

    assert meeting.met == 2
    assert failures(results) == [OtherAddress]
    with system_context("test"):
        assert User.objects.filter(email=NEW).count() == 1
        assert Invitation.objects.filter(accepted_at=None).count() == 1
