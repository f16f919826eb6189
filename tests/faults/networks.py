"""A manufacturer with partners, set up over the interface of a running installation."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from tests.faults.calling import Caller

LINE = "heat-pumps"
HOUR = 3_600  # seconds


@dataclass(frozen=True)
class Dealer:
    """A partner, and the key that acts for it."""

    id: str
    key: str
    email: str


class Network:
    """A tenant of an installation; every dealer sells the one line, in Munich.

    :ivar key: the manufacturer's own.
    """

    def __init__(self, slug: str, key: str, *, port: int) -> None:
        self.slug = slug
        self.key = key
        self.port = port
        self.dealers: list[Dealer] = []
        self._numbers = itertools.count(1)

    def set_up(self, *, dealers: int, waves: Sequence[Mapping[str, Any]], **policy: Any) -> None:
        """Add so many dealers and publish a policy.

        :param waves: each asks all dealers for an hour unless it says otherwise.
        """
        with Caller(self.port, self.key) as desk:
            desk.put(f"product-lines/{LINE}/", {"name": "Heat pumps"})
            usual = {"partners": dealers, "response_window": HOUR, "head_start": 0}
            whole = [{**usual, **wave} for wave in waves]
            desk.post("policies/", {"name": "Usual", "is_default": True, "waves": whole, **policy})
            self.dealers += [self._dealer(desk, number) for number in range(dealers)]

    def _dealer(self, desk: Caller, number: int) -> Dealer:
        email = f"dealer{number}@{self.slug}.example"
        details = {
            "name": f"Dealer {number}",
            "email": email,
            "country": "DE",
            "postal_code": "80331",
            "radius_km": 50,
            "product_lines": [LINE],
        }
        partner = desk.put(f"partners/by-external-id/D{number}/", details)["id"]
        key = desk.post(f"partners/{partner}/api-keys/", {"name": "faults"})["key"]
        return Dealer(partner, key, email)

    def enquiry(self, **changes: Any) -> dict[str, Any]:
        """A lead that nobody has sent yet, and that resembles no other."""
        number = next(self._numbers)
        name = sha256(f"{self.slug} {number}".encode()).hexdigest()[:16]
        return {
            "external_id": f"{self.slug}-{number}",
            "source": "faults",
            "product_lines": [LINE],
            "contact": {"last_name": name, "email": f"{name}@{self.slug}.example"},
            "country": "DE",
            "postal_code": "80331",
            **changes,
        }

    def lead(self, desk: Caller, **changes: Any) -> dict[str, Any]:
        """Send a lead; returns it as answered."""
        lead: dict[str, Any] = desk.post("leads/", self.enquiry(**changes))
        return lead

    def desk(self) -> Caller:
        """The manufacturer's own program."""
        return Caller(self.port, self.key)

    def dealer(self, dealer: Dealer) -> Caller:
        """A dealer's program."""
        return Caller(self.port, dealer.key)
