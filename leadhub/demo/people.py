"""The people of the demo world: each by one address and password, manufacturers' with an app."""

from dataclasses import dataclass, field
from uuid import UUID

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from leadhub.core.actors import Actor
from leadhub.core.tenancy.context import system_context
from leadhub.demo.names import new_password
from partners.memberships import Person, actor_of, add_member
from partners.models import Manufacturer, Partner, User
from partners.models.accounts import PARTNER_ROLES
from partners.second_factors import new_secret, set_app

# The passwords stand in clear beside the installation's data, so a dear digest protects nothing;
# the first log-in replaces it by the usual one.
ITERATIONS = 1_000


@dataclass(frozen=True, slots=True)
class Login:
    """A person as `demo.json` names them, and how they act."""

    email: str
    role: str
    actor: Actor


@dataclass(slots=True)
class People:
    """Everybody who was given a membership, and what they can log in by.

    :ivar secrets: of the authenticator apps of those who work for a manufacturer, by address.
    """

    passwords: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    _ids: dict[UUID, str] = field(default_factory=dict)

    def join(
        self,
        *,
        manufacturer: Manufacturer,
        email: str,
        name: str,
        role: str,
        partner: Partner | None = None,
    ) -> Login:
        """Let somebody act for a manufacturer or a partner."""
        person = Person(email=email, name=name)
        membership = add_member(
            manufacturer=manufacturer, person=person, role=role, partner=partner
        )
        self.know(membership.user_id, email, role=role)
        return Login(email, role, actor_of(membership))

    def know(self, user_id: UUID, email: str, *, role: str) -> None:
        """Give somebody who has a membership a new password, and staff a new authenticator."""
        self.passwords.setdefault(email, new_password())
        if role not in PARTNER_ROLES:
            self.secrets.setdefault(email, new_secret())
        self._ids[user_id] = email

    def let_in(self) -> None:
        """Let everybody log in by their password, and staff by what their app shows besides."""
        hasher = PBKDF2PasswordHasher()
        users = [
            User(
                id=user_id,
                password=hasher.encode(self.passwords[email], hasher.salt(), ITERATIONS),
            )
            for user_id, email in sorted(self._ids.items())
        ]
        with system_context("demo.set_passwords"):
            User.objects.bulk_update(users, ["password"], batch_size=500)
        for user_id, email in self._ids.items():
            if email in self.secrets:
                set_app(user_id, self.secrets[email])
