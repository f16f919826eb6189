"""Picks added up for figures: written by triggers on the log, in the transaction of each fact.

Whoever appends a fact need not know that there are figures. A fact that is none of a pick's costs
one comparison; one that is writes one narrow row. What describes the lead follows the lead.
"""

from django.db import migrations

from leadhub.core.tenancy.operations import SecureRows, TenantForeignKey

OWN = {"partner": "partner_id = ANY ((SELECT leadhub_partners())::uuid[])"}
# The same facts add up in ``leads.picks``, set against set; the two are compared.
ADD_UP = """
CREATE FUNCTION leads_begin_pick() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.leads_pick (assignment_id, manufacturer_id, lead_id, partner_id, offered_at,
        accepted_at, has_feedback, is_lead_at_fault, attempts, appointments, quotes, source,
        campaign, temperature, country, postal_code, region)
    SELECT NEW.assignment_id, NEW.manufacturer_id, NEW.lead_id, NEW.partner_id,
        CASE WHEN NEW.type = 'offer.accepted' THEN (NEW.data ->> 'offered_at')::timestamptz END,
        NEW.at, false, false, 0, 0, 0, l.source, l.campaign, l.temperature, l.country,
        l.postal_code, l.region
    FROM public.leads_lead l WHERE l.id = NEW.lead_id AND NOT l.is_test;
    RETURN NULL;
END $$;
CREATE FUNCTION leads_continue_pick() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    turns boolean := NEW.type IN (
        'lead.won', 'lead.lost', 'lead.reopened', 'lead.returned', 'lead.taken_back');
BEGIN
    UPDATE public.leads_pick SET
        contacted_at = CASE WHEN NEW.type = 'contact.made' THEN least(contacted_at, NEW.at)
            ELSE contacted_at END,
        has_feedback = has_feedback OR NEW.type IN ('feedback.given', 'lead.returned'),
        ending = CASE WHEN NOT turns THEN ending WHEN NEW.type <> 'lead.reopened'
            THEN upper(substr(NEW.type, 6)) END,
        closed_at = CASE WHEN NOT turns THEN closed_at WHEN NEW.type IN ('lead.won', 'lead.lost')
            THEN NEW.at END,
        value = CASE WHEN NOT turns THEN value WHEN NEW.type = 'lead.won'
            THEN (NEW.data ->> 'value')::numeric END,
        currency = CASE WHEN NOT turns THEN currency WHEN NEW.type = 'lead.won'
            THEN NEW.data ->> 'currency' END,
        is_lead_at_fault = CASE NEW.type WHEN 'return.confirmed' THEN true
            WHEN 'return.refused' THEN false ELSE is_lead_at_fault END,
        attempts = attempts + (NEW.type IN ('contact.attempted', 'contact.made'))::int,
        appointments = appointments
            + (NEW.type = 'feedback.given' AND NEW.data ->> 'status' = 'APPOINTMENT')::int,
        quotes = quotes
            + (NEW.type = 'feedback.given' AND NEW.data ->> 'status' = 'QUOTE_SENT')::int
    WHERE assignment_id = NEW.assignment_id;
    RETURN NULL;
END $$;
CREATE FUNCTION leads_describe_picks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE public.leads_pick SET source = NEW.source, campaign = NEW.campaign,
        temperature = NEW.temperature, country = NEW.country, postal_code = NEW.postal_code,
        region = NEW.region
    WHERE assignment_id IN (SELECT a.id FROM public.leads_assignment a WHERE a.lead_id = NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER begin_pick AFTER INSERT ON leads_leadevent FOR EACH ROW
    WHEN (NEW.assignment_id IS NOT NULL
        AND NEW.type IN ('offer.accepted', 'lead.assigned', 'lead.picked'))
    EXECUTE FUNCTION leads_begin_pick();
CREATE TRIGGER continue_pick AFTER INSERT ON leads_leadevent FOR EACH ROW
    WHEN (NEW.assignment_id IS NOT NULL
        AND NEW.type IN ('contact.attempted', 'contact.made', 'feedback.given', 'lead.won',
            'lead.lost', 'lead.reopened', 'lead.returned', 'lead.taken_back', 'return.confirmed',
            'return.refused'))
    EXECUTE FUNCTION leads_continue_pick();
CREATE TRIGGER describe_picks
    AFTER UPDATE OF source, campaign, temperature, country, postal_code, region ON leads_lead
    FOR EACH ROW
    WHEN ((OLD.source, OLD.campaign, OLD.temperature, OLD.country, OLD.postal_code, OLD.region)
        IS DISTINCT FROM (NEW.source, NEW.campaign, NEW.temperature, NEW.country, NEW.postal_code,
            NEW.region))
    EXECUTE FUNCTION leads_describe_picks();
"""
DROP = """
DROP TRIGGER describe_picks ON leads_lead;
DROP TRIGGER continue_pick ON leads_leadevent;
DROP TRIGGER begin_pick ON leads_leadevent;
DROP FUNCTION leads_describe_picks();
DROP FUNCTION leads_continue_pick();
DROP FUNCTION leads_begin_pick();
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0003_search")]

    operations = [
        TenantForeignKey("leads_pick", "assignment_id", "leads_assignment"),
        TenantForeignKey("leads_pick", "lead_id", "leads_lead"),
        TenantForeignKey("leads_pick", "partner_id", "partners_partner"),
        SecureRows("leads_pick", readable_if=OWN),
        migrations.RunSQL(ADD_UP, DROP),
    ]
