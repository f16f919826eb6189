"""Who acts: a person by a membership, a program by a key, or the system by a job's name."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody's right to act inside one manufacturer, as the domain needs to know it.

    :ivar label: how the log names the actor: ``user:<id>``, ``key:<id>`` or ``system:<name>``.
    :ivar partner_id: set for those who act for a partner, ``None`` for the manufacturer's side.
    :ivar user_id: the person, if one acts; works the leads they accept.
    """

    manufacturer_id: UUID
    label: str
    partner_id: UUID | None = None
    user_id: UUID | None = None

    @property
    def is_partner(self) -> bool:
        """Acts for a partner rather than for the manufacturer."""
        return self.partner_id is not None


def system_actor(manufacturer_id: UUID, name: str) -> Actor:
    """Let the product itself act, doing a job inside one manufacturer."""
    return Actor(manufacturer_id=manufacturer_id, label=f"system:{name}")
