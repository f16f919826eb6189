"""Tables of leads and of what happened to them."""

from leads.models.assignments import Assignment, LeadFeedback
from leads.models.comparison import PartnerComparison
from leads.models.disclosures import LeadDisclosure
from leads.models.leads import Lead, LeadConsent, LeadContact, LeadProductLine
from leads.models.log import EventType, LeadEvent, LogCheckpoint
from leads.models.missed import MissedMonth
from leads.models.offers import LeadOffer, Wave
from leads.models.performance import PartnerPerformance
from leads.models.policies import RoutingPolicy
from leads.models.replays import Replay
from leads.models.search import LeadSearch
from leads.models.standings import PartnerStanding

__all__ = [
    "Assignment",
    "EventType",
    "Lead",
    "LeadConsent",
    "LeadContact",
    "LeadDisclosure",
    "LeadEvent",
    "LeadFeedback",
    "LeadOffer",
    "LeadProductLine",
    "LeadSearch",
    "LogCheckpoint",
    "MissedMonth",
    "PartnerComparison",
    "PartnerPerformance",
    "PartnerStanding",
    "Replay",
    "RoutingPolicy",
    "Wave",
]
