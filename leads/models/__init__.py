"""Tables of leads and of what happened to them."""

from leads.models.assignments import Assignment, LeadFeedback
from leads.models.attachments import LeadAttachment
from leads.models.board import BulkDeed, OpeningView, SavedView
from leads.models.comparison import PartnerComparison
from leads.models.disclosures import LeadDisclosure
from leads.models.leads import Lead, LeadConsent, LeadContact, LeadProductLine
from leads.models.log import EventType, LeadEvent, LogCheckpoint
from leads.models.missed import MissedMonth
from leads.models.offers import LeadOffer, Wave
from leads.models.performance import PartnerPerformance
from leads.models.picks import Pick
from leads.models.policies import RoutingPolicy
from leads.models.replays import Replay
from leads.models.search import LeadSearch
from leads.models.standings import PartnerStanding
from leads.models.web_forms import ConsentText, WebForm
from leads.models.webhooks import Webhook, WebhookAttempt, WebhookStanding
from leads.models.work import LeadNote, Reminder

__all__ = [
    "Assignment",
    "BulkDeed",
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
    "OpeningView",
    "PartnerComparison",
    "PartnerPerformance",
    "PartnerStanding",
    "Pick",
    "Reminder",
    "Replay",
    "RoutingPolicy",
    "SavedView",
    "Wave",
    "WebForm",
    "Webhook",
    "WebhookAttempt",
    "WebhookStanding",
]
