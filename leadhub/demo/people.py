"""The people of the demo world: each by one address, with one password, in one or two networks."""

from dataclasses import dataclass, field
from uuid import UUID

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from leadhub.core.actors import Actor
from leadhub.core.tenancy.context import system_context
from leadhub.demo.names import new_password
from partners.memberships import Person, actor_of, add_member
from partners.models import Manufacturer, Partner, User

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
    """Everybody who was given a membership, with the password they can log in by."""

    passwords: dict[str, str] = field(default_factory=dict)
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
        self.passwords.setdefault(email, new_password())
        self._ids[membership.user_id] = email
        return Login(email, role, actor_of(membership))

    def know(self, user_id: UUID, email: str) -> None:
        """Give somebody who has a membership already a new password."""
        self.passwords.setdefault(email, new_password())
        self._ids[user_id] = email

    def set_passwords(self) -> None:
        """Let everybody log in by their password."""
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
