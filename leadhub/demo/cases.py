"""A lead in the story, and what is known of it so far."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from leadhub.demo.chance import Dice
from leadhub.demo.customers import Enquiry
from leadhub.demo.network import Member
from leads.models import Assignment, Lead


@dataclass(slots=True)
class Case:
    """A lead that came in.

    :ivar wave: the last wave that was looked at.
    :ivar rounds: how often nobody was left to be asked.
    :ivar asked: partners that were asked, whatever they said.
    :ivar refused: those that declined or gave the lead back.
    :ivar holding: the assignment by which somebody holds the lead, open or closed.
    """

    enquiry: Enquiry
    throw: Dice
    lead: Lead
    wave: int = 0
    rounds: int = 0
    asked: dict[UUID, Member] = field(default_factory=dict)
    refused: set[UUID] = field(default_factory=set)
    holding: Assignment | None = None


# Sees where a lead stands now and goes on from there.
Look = Callable[[Case, datetime, Lead | None], None]
