"""Tables of leads and of what happened to them."""

from leads.models.assignments import Assignment, LeadFeedback
from leads.models.attachments import LeadAttachment
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
from leads.models.web_forms import ConsentText, WebForm
from leads.models.work import LeadNote, Reminder

__all__ = [
    "Assignment",
    "ConsentText",
    "EventType",
    "Lead",
    "LeadAttachment",
    "LeadConsent",
    "LeadContact",
    "LeadDisclosure",
    "LeadEvent",
    "LeadFeedback",
    "LeadNote",
    "LeadOffer",
    "LeadProductLine",
    "LeadSearch",
    "LogCheckpoint",
    "MissedMonth",
    "PartnerComparison",
    "PartnerPerformance",
    "PartnerStanding",
    "Reminder",
    "Replay",
    "RoutingPolicy",
    "Wave",
    "WebForm",
]
