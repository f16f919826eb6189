"""How people log in is theirs alone, whoever asks the database for all of it."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db import DatabaseError, transaction
from django.test import Client

from leadhub.core.tenancy.context import (
    NoContext,
    partner_context,
    system_context,
    tenant_context,
    user_context,
)
from partners.models import Membership, User
from tests.factories import Network
from tests.factors import give_app
from tests.people.conftest import PASSWORD, REP, STAFF, user_of

pytestmark = pytest.mark.django_db
TABLES: tuple[Any, ...] = (Authenticator, UserSession, EmailAddress, SocialAccount)


@pytest.fixture
def two(dispatcher: Membership, rep: Membership) -> tuple[User, User]:
    """Two people with authenticator apps and sessions."""
    people = user_of(dispatcher), user_of(rep)
    for email, user in zip((STAFF, REP), people, strict=True):
        Client().post("/log-in/", {"email": email, "password": PASSWORD})
        give_app(user)
        with system_context("test"):
            EmailAddress.objects.create(user=user, email=email)
    return people


def owners_seen() -> dict[str, set[str]]:
    """Whose rows are shown, by table."""
    return {
        model.__name__: {str(key) for key in model.objects.values_list("user_id", flat=True)}
        for model in TABLES
    }


def test_shows_people_their_own(two: tuple[User, User]) -> None:
    for user in two:
        with user_context(user.id):
            seen = owners_seen()

        assert seen["Authenticator"] == seen["UserSession"] == {str(user.id)}
        assert seen["EmailAddress"] == {str(user.id)}


def test_shows_a_manufacturer_or_partner_nothing(two: tuple[User, User], network: Network) -> None:
    for context in (tenant_context(network.manufacturer.id), partner_context([two[1].id])):
        with context:
            assert set().union(*owners_seen().values()) == set()


@pytest.mark.parametrize("model", TABLES)
def test_refuses_to_ask_without_a_context(model: Any) -> None:
    with pytest.raises(NoContext):
        model.objects.exists()


def test_lets_nobody_write_for_somebody_else(two: tuple[User, User]) -> None:
    mine, theirs = two

    with user_context(mine.id):
        changed = Authenticator.objects.filter(user_id=theirs.id).update(data={})
        removed, _ = Authenticator.objects.filter(user_id=theirs.id).delete()
        renamed = User.objects.filter(id=theirs.id).update(password="planted")
        with pytest.raises(DatabaseError), transaction.atomic():
            Authenticator.objects.create(user_id=theirs.id, type="webauthn", data={})

    assert (changed, removed, renamed) == (0, 0, 0)
