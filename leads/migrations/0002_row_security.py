"""Who sees which lead, the log that only grows, and that no row points into another tenant."""

from django.db import migrations

from leadhub.core.tenancy.operations import (
    AppendOnly,
    MaskColumn,
    SecureRows,
    TenantForeignKey,
    TenantKey,
    TenantRoot,
)

MINE = "ANY ((SELECT leadhub_partners())::uuid[])"
OWN = {"partner": f"partner_id = {MINE}"}
# The facts that name no partner and yet are a partner's business while it holds the lead; waves,
# alarms and how long a lead was held are the manufacturer's. The same list as ``leads.selectors``.
FACTS_FOR_HOLDERS = "'lead.received', 'lead.withdrawn'"
# What a partner does itself. Who acted in the other facts about it may be a rival: an acceptance
# withdraws the offers of the others, and the last one who declines lets the next wave be asked.
OWN_ACTS = """
    'offer.viewed', 'offer.accepted', 'offer.declined', 'lead.picked', 'contact.attempted',
    'contact.made', 'feedback.given', 'lead.returned', 'lead.won', 'lead.lost',
    'lead.handed_over', 'lead.stage_set', 'note.added', 'reminder.set', 'reminder.done',
    'reminder.cancelled'
"""
# A fact of one's own is read at once, but for the offer that a head start still hides.
OWN_FACTS = {
    "partner": f"partner_id = {MINE} AND (type <> 'lead.offered'"
    " OR coalesce((data ->> 'available_from')::timestamptz, at) <= clock_timestamp())",
    "holder": f"partner_id IS NULL AND type IN ({FACTS_FOR_HOLDERS}) AND leads_is_held(lead_id)",
}
# A head start of better matches hides an offer until it has run out.
OWN_AVAILABLE = {"partner": f"partner_id = {MINE} AND available_from <= clock_timestamp()"}
# Functions, not subqueries, for the reason that the policies of partners give. A partner was
# offered a lead, has or had it, or finds it on the pick list of one of its networks.
FUNCTIONS = """
CREATE FUNCTION leads_was_offered(lead uuid) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE COST 1000 AS $$
    SELECT EXISTS (SELECT FROM public.leads_leadoffer o WHERE o.lead_id = lead
                   AND o.partner_id = ANY (leadhub_partners())
                   AND o.available_from <= clock_timestamp())
        OR EXISTS (SELECT FROM public.leads_assignment a WHERE a.lead_id = lead
                   AND a.partner_id = ANY (leadhub_partners()))
$$;
CREATE FUNCTION leads_is_visible(lead uuid) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE COST 1000 AS $$
    SELECT EXISTS (SELECT FROM public.leads_lead l WHERE l.id = lead)
$$;
CREATE FUNCTION leads_is_held(lead uuid) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE COST 1000 AS $$
    SELECT EXISTS (SELECT FROM public.leads_lead l WHERE l.id = lead
                   AND l.partner_id = ANY (leadhub_partners()))
$$;
CREATE FUNCTION leads_is_own_assignment(assignment uuid) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE COST 1000 AS $$
    SELECT EXISTS (SELECT FROM public.leads_assignment a WHERE a.id = assignment
                   AND a.partner_id = ANY (leadhub_partners()))
$$;
"""
DROP_FUNCTIONS = """
DROP FUNCTION leads_is_own_assignment;
DROP FUNCTION leads_is_held;
DROP FUNCTION leads_is_visible;
DROP FUNCTION leads_was_offered;
"""
LEAD_OF_PARTNER = f"""
    partner_id = {MINE}
    OR (status = 'OPEN' AND manufacturer_id = ANY ((SELECT leadhub_networks())::uuid[]))
    OR leads_was_offered(id)
"""
VISIBLE_LEAD = "leads_is_visible(lead_id)"


class Migration(migrations.Migration):
    dependencies = [("leads", "0001_initial"), ("partners", "0002_row_security")]

    operations = [
        TenantRoot("leads_lead"),
        TenantRoot("leads_routingpolicy"),
        TenantRoot("leads_replay"),
        TenantRoot("leads_logcheckpoint"),
        TenantRoot("leads_webhook"),
        TenantRoot("leads_savedview"),
        TenantRoot("leads_openingview"),
        TenantRoot("leads_bulkdeed"),
        TenantRoot("leads_webform"),
        TenantKey("leads_lead"),
        TenantKey("leads_leadoffer"),
        TenantKey("leads_assignment"),
        TenantKey("leads_routingpolicy"),
        TenantKey("leads_leadevent"),
        TenantKey("leads_webhook"),
        TenantKey("leads_savedview"),
        TenantKey("leads_webform"),
        TenantForeignKey(
            "leads_lead", "required_certification_id", "partners_certificationlevel"
        ),
        TenantForeignKey("leads_lead", "policy_id", "leads_routingpolicy"),
        TenantForeignKey("leads_lead", "partner_id", "partners_partner"),
        TenantForeignKey("leads_lead", "merged_into_id", "leads_lead"),
        TenantForeignKey("leads_leadproductline", "lead_id", "leads_lead"),
        TenantForeignKey("leads_leadproductline", "product_line_id", "partners_productline"),
        TenantForeignKey("leads_leadcontact", "lead_id", "leads_lead"),
        TenantForeignKey("leads_leadconsent", "lead_id", "leads_lead"),
        TenantForeignKey("leads_leadattachment", "lead_id", "leads_lead"),
        TenantForeignKey("leads_leadattachment", "partner_id", "partners_partner"),
        TenantForeignKey("leads_leaddisclosure", "lead_id", "leads_lead"),
        TenantForeignKey("leads_leaddisclosure", "partner_id", "partners_partner"),
        TenantForeignKey("leads_routingpolicy", "product_line_id", "partners_productline"),
        TenantForeignKey("leads_openingview", "view_id", "leads_savedview"),
        TenantForeignKey("leads_replay", "policy_id", "leads_routingpolicy"),
        TenantForeignKey("leads_replay", "against_id", "leads_routingpolicy"),
        TenantForeignKey("leads_wave", "lead_id", "leads_lead"),
        TenantForeignKey("leads_wave", "policy_id", "leads_routingpolicy"),
        TenantForeignKey("leads_leadoffer", "lead_id", "leads_lead"),
        TenantForeignKey("leads_leadoffer", "partner_id", "partners_partner"),
        TenantForeignKey("leads_assignment", "lead_id", "leads_lead"),
        TenantForeignKey("leads_assignment", "partner_id", "partners_partner"),
        TenantForeignKey("leads_assignment", "offer_id", "leads_leadoffer"),
        TenantForeignKey("leads_leadfeedback", "assignment_id", "leads_assignment"),
        TenantForeignKey("leads_leadnote", "assignment_id", "leads_assignment"),
        TenantForeignKey("leads_reminder", "assignment_id", "leads_assignment"),
        TenantForeignKey("leads_leadevent", "lead_id", "leads_lead"),
        TenantForeignKey("leads_leadevent", "partner_id", "partners_partner"),
        TenantForeignKey("leads_leadevent", "assignment_id", "leads_assignment"),
        TenantForeignKey("leads_partnerstanding", "partner_id", "partners_partner"),
        TenantForeignKey("leads_missedmonth", "partner_id", "partners_partner"),
        TenantForeignKey("leads_partnercomparison", "partner_id", "partners_partner"),
        TenantForeignKey("leads_partnerperformance", "partner_id", "partners_partner"),
        TenantForeignKey("leads_partnerperformance", "product_line_id", "partners_productline"),
        TenantForeignKey("leads_webhookstanding", "webhook_id", "leads_webhook"),
        TenantForeignKey("leads_webhookattempt", "webhook_id", "leads_webhook"),
        TenantForeignKey("leads_webhookattempt", "lead_id", "leads_lead"),
        TenantForeignKey("leads_consenttext", "form_id", "leads_webform"),
        TenantForeignKey("core_delivery", "event_id", "leads_leadevent"),
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
        SecureRows("leads_lead", readable_if={"partner": LEAD_OF_PARTNER}),
        SecureRows("leads_leadproductline", readable_if={"partner": VISIBLE_LEAD}),
        SecureRows("leads_leadcontact", readable_if={"holder": "leads_is_held(lead_id)"}),
        # A photograph shows the customer's home: for whoever took it, while the lead is theirs.
        SecureRows(
            "leads_leadattachment",
            readable_if={"holder": f"partner_id = {MINE} AND leads_is_held(lead_id)"},
        ),
        SecureRows("leads_leadconsent"),
        SecureRows("leads_leaddisclosure", readable_if=OWN),
        SecureRows("leads_routingpolicy"),
        SecureRows("leads_replay"),
        SecureRows("leads_logcheckpoint"),
        SecureRows("leads_webhook"),
        SecureRows("leads_webhookstanding"),
        SecureRows("leads_webhookattempt"),
        SecureRows("leads_savedview"),
        SecureRows("leads_openingview"),
        SecureRows("leads_bulkdeed"),
        SecureRows("leads_webform"),
        SecureRows("leads_consenttext"),
        SecureRows("leads_wave"),
        SecureRows("leads_leadoffer", readable_if=OWN_AVAILABLE),
        SecureRows("leads_assignment", readable_if=OWN),
        SecureRows(
            "leads_leadfeedback",
            readable_if={"partner": "leads_is_own_assignment(assignment_id)"},
        ),
        SecureRows(
            "leads_leadnote", readable_if={"partner": "leads_is_own_assignment(assignment_id)"}
        ),
        SecureRows(
            "leads_reminder", readable_if={"partner": "leads_is_own_assignment(assignment_id)"}
        ),
        SecureRows("leads_leadevent", readable_if=OWN_FACTS),
        SecureRows("leads_partnerstanding", readable_if=OWN),
        SecureRows("leads_missedmonth", readable_if=OWN),
        SecureRows("leads_partnercomparison", readable_if=OWN),
        SecureRows("leads_partnerperformance"),
        AppendOnly("leads_leadevent"),
        AppendOnly("leads_logcheckpoint"),
        AppendOnly("leads_consenttext"),
        AppendOnly("leads_leadnote", but_for="text"),
        MaskColumn("leads_lead", "partner_id", unless=f"partner_id = {MINE}"),
        MaskColumn("leads_leadevent", "actor", unless=f"type IN ({OWN_ACTS})"),
    ]
