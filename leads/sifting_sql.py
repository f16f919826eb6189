"""The statements by which leads are sifted: each reads little, however many leads there are.

Every statement asks all that is wanted of a lead; they differ in where they begin. One that begins
where few leads lie reads few. ``l`` is the lead, whatever is read around it.
"""
# ruff: noqa: S608 - the text is our own

from collections.abc import Mapping

# The newest come first, or the oldest; no two leads share the last column.
NEWEST = "l.received_at DESC, l.id DESC"
OLDEST = "l.received_at, l.id"
# What lies behind a lead in that order.
BEHIND: Mapping[str, str] = {
    NEWEST: "(l.received_at, l.id) < (%(mark_at)s, %(mark_id)s)",
    OLDEST: "(l.received_at, l.id) > (%(mark_at)s, %(mark_id)s)",
}

# What a lead has to be, by the name of what is asked for.
CONDITIONS: Mapping[str, str] = {
    "manufacturer": "l.manufacturer_id = %(manufacturer)s",
    "statuses": "l.status = ANY (%(statuses)s)",
    "hold_reason": "l.hold_reason = %(hold_reason)s",
    "source": "l.source = %(source)s",
    "temperature": "l.temperature = %(temperature)s",
    "received_from": "l.received_at >= %(received_from)s",
    "received_before": "l.received_at < %(received_before)s",
    "postal_code": "l.postal_code = %(postal_code)s",
    "external_id": "l.external_id = %(external_id)s",
    "partners": "l.partner_id = ANY (%(partners)s)",
    "found": "l.id = ANY (%(found)s::uuid[])",
    "product_line": """EXISTS (
        SELECT FROM leads_leadproductline asked
        WHERE asked.manufacturer_id = %(manufacturer)s AND asked.lead_id = l.id
        AND asked.product_line_id = %(product_line)s)""",
    "overdue_contact": """EXISTS (
        SELECT FROM leads_assignment a JOIN leads_routingpolicy p ON p.id = l.policy_id
        WHERE a.lead_id = l.id AND a.outcome IS NULL AND a.contacted_at IS NULL
        AND a.accepted_at <= %(at)s - p.contact_window) AND l.erased_at IS NULL""",
    "feedback": """EXISTS (
        SELECT FROM leads_assignment a
        WHERE a.lead_id = l.id AND a.outcome IS NULL AND a.feedback_due_at <= %(at)s)""",
    "returned": """EXISTS (
        SELECT FROM leads_assignment a
        WHERE a.lead_id = l.id AND a.outcome = 'RETURNED' AND a.return_reason IS NOT NULL
        AND a.return_verdict IS NULL)""",
    "closed": """EXISTS (
        SELECT FROM leads_assignment a WHERE a.lead_id = l.id
        AND a.closed_at >= %(closed_from)s AND a.closed_at < %(closed_before)s)""",
}
# Leads that assignments name, by the condition that they alone meet; more columns, more leads.
SETS: Mapping[str, str] = {
    "overdue_contact": """
        SELECT a.lead_id FROM leads_assignment a
        WHERE a.manufacturer_id = %(manufacturer)s AND a.outcome IS NULL
        AND a.contacted_at IS NULL AND a.accepted_at <= %(at)s""",
    "feedback": """
        SELECT a.lead_id FROM leads_assignment a
        WHERE a.manufacturer_id = %(manufacturer)s AND a.feedback_due_at <= %(at)s""",
    "returned": """
        SELECT DISTINCT a.lead_id FROM leads_assignment a
        WHERE a.manufacturer_id = %(manufacturer)s AND a.return_reason IS NOT NULL
        AND a.return_verdict IS NULL""",
    "closed": """
        SELECT a.lead_id FROM leads_assignment a
        WHERE a.manufacturer_id = %(manufacturer)s
        AND a.closed_at >= %(closed_from)s AND a.closed_at < %(closed_before)s""",
    "found": "SELECT unnest(%(found)s::uuid[]) AS lead_id",
}
# Those whose every lead meets the condition of its name; the others are asked once more.
EXACT = frozenset({"feedback", "returned", "closed", "found"})
# Those that a partner's own assignments name: who holds the lead, or closed it.
OF_HOLDER = frozenset({"overdue_contact", "feedback", "closed"})
BY_HOLDER = " AND a.partner_id = ANY (%(partners)s)"

# What is read of a lead that is found.
ROW = "l.id, l.received_at, l.status, l.hold_reason"
# ``where``, ``order`` (ending in a space, or empty) and ``limit`` are filled in. The lateral parts
# are read once for each value before them.
ALL = f"SELECT {ROW} FROM leads_lead l WHERE {{where}} {{order}}LIMIT {{limit}}"
OF_STATUSES = f"""
    SELECT {ROW} FROM unnest(%(statuses)s::text[]) one (status)
    CROSS JOIN LATERAL (
        SELECT {ROW} FROM leads_lead l
        WHERE l.status = one.status AND {{where}} {{order}}LIMIT {{limit}}) l
    {{order}}LIMIT {{limit}}"""
OF_PARTNERS = f"""
    SELECT {ROW} FROM unnest(%(partners)s::uuid[]) one (partner)
    CROSS JOIN LATERAL (
        SELECT {ROW} FROM leads_lead l
        WHERE l.partner_id = one.partner AND {{where}} {{order}}LIMIT {{limit}}) l
    {{order}}LIMIT {{limit}}"""
# OFFSET keeps the planner from reading all leads to meet a few.
AMONG = f"""
    SELECT {ROW} FROM among CROSS JOIN LATERAL (
        SELECT {ROW} FROM leads_lead l
        WHERE l.id = among.lead_id AND {{where}} OFFSET 0) l
    WHERE (SELECT count(*) FROM among) <= %(set_at_most)s
    {{order}}LIMIT {{limit}}"""
# What leads there are by product lines, source and temperature: each step jumps to the next in the
# index. A lead of each stands for it, to ask for which lines that is.
KINDS = """
    kind AS (
        (SELECT l.lines_digest, l.source, l.temperature, l.id FROM leads_lead l
         WHERE l.manufacturer_id = %(manufacturer)s
         ORDER BY l.lines_digest, l.source, l.temperature LIMIT 1)
        UNION ALL
        SELECT next.lines_digest, next.source, next.temperature, next.id
        FROM kind CROSS JOIN LATERAL (
            SELECT l.lines_digest, l.source, l.temperature, l.id FROM leads_lead l
            WHERE l.manufacturer_id = %(manufacturer)s
            AND (l.lines_digest, l.source, l.temperature)
                > (kind.lines_digest, kind.source, kind.temperature)
            ORDER BY l.lines_digest, l.source, l.temperature LIMIT 1) next
    ),
    wanted AS MATERIALIZED (SELECT l.* FROM kind l WHERE {kinds})"""
OF_ONE_KIND = """
    l.lines_digest = one.lines_digest AND l.source = one.source
    AND l.temperature = one.temperature AND l.status = state.status"""
OF_KINDS = f"""
    SELECT {ROW} FROM wanted one CROSS JOIN unnest(%(statuses)s::text[]) state (status)
    CROSS JOIN LATERAL (
        SELECT {ROW} FROM leads_lead l
        WHERE {OF_ONE_KIND} AND {{where}} {{order}}LIMIT {{limit}}) l
    {{order}}LIMIT {{limit}}"""
# Where leads have come from: each step jumps to the next in the index of numbers.
SOURCES = """
    source AS (
        (SELECT l.source FROM leads_lead l WHERE l.manufacturer_id = %(manufacturer)s
         ORDER BY l.source LIMIT 1)
        UNION ALL
        SELECT next.source FROM source CROSS JOIN LATERAL (
            SELECT l.source FROM leads_lead l
            WHERE l.manufacturer_id = %(manufacturer)s AND l.source > source.source
            ORDER BY l.source LIMIT 1) next
    )"""
OF_NUMBER = f"""
    SELECT {ROW} FROM source one CROSS JOIN LATERAL (
        SELECT {ROW} FROM leads_lead l WHERE l.source = one.source AND {{where}} OFFSET 0) l
    {{order}}LIMIT {{limit}}"""
# The few that are looked through first: what is frequent is found among them.
FEW = """
    few AS MATERIALIZED (
        SELECT l.id, l.manufacturer_id, l.received_at, l.status, l.hold_reason, l.source,
            l.temperature, l.postal_code, l.partner_id, l.policy_id, l.erased_at
        FROM leads_lead l WHERE {few_where} {order}LIMIT %(few)s)"""
# Conditions by which an index finds them.
OF_FEW = frozenset({"manufacturer", "received_from", "received_before"})
AMONG_FEW = f"SELECT {ROW} FROM few l WHERE {{where}} {{order}}LIMIT {{limit}}"

# How many there are in each status, and how many of those that are held resemble others.
STATES = """
    (SELECT unnest(%(statuses)s::text[]), NULL UNION ALL SELECT 'HELD', 'DUPLICATE')
    state (status, reason)"""
IN_STATE = "(state.reason IS NULL OR l.hold_reason = state.reason)"
COUNT_BY_STATUS = f"""
    SELECT coalesce(state.reason, state.status), (SELECT count(*) FROM (
        SELECT FROM leads_lead l
        WHERE l.status = state.status AND {IN_STATE} AND {{where}} LIMIT {{limit}}) counted)
    FROM {STATES}"""
COUNT_BY_KIND = f"""
    SELECT coalesce(state.reason, state.status), (SELECT count(*) FROM (
        SELECT FROM wanted one CROSS JOIN LATERAL (
            SELECT FROM leads_lead l
            WHERE {OF_ONE_KIND} AND {IN_STATE} AND {{where}} LIMIT {{limit}}) l
        LIMIT {{limit}}) counted)
    FROM {STATES}"""
TALLY = """
    (SELECT coalesce(jsonb_object_agg(state, leads), '{{}}') FROM (
        SELECT state, count(*) AS leads FROM ({body}) l
        CROSS JOIN LATERAL unnest(ARRAY[l.status, l.hold_reason]) state
        WHERE state IS NOT NULL GROUP BY state) counted)"""

# In which order leads may be listed that are not too many to be put in order. Each ends as the
# usual one does.
SORTED = """
    (WITH sifted AS MATERIALIZED ({body})
     SELECT CASE WHEN (SELECT count(*) FROM sifted) <= %(sorted_at_most)s THEN ARRAY(
        SELECT l.id FROM sifted CROSS JOIN LATERAL (
            SELECT l.* FROM leads_lead l WHERE l.id = sifted.id OFFSET 0) l
        {also}ORDER BY {key}, l.received_at DESC, l.id DESC) END)"""
KEYS: Mapping[str, str] = {
    "value": "l.expected_value DESC NULLS LAST",
    "town": "l.city, l.postal_code",
    "deadline": "coalesce(l.respond_by, due.at) NULLS LAST",
}
# Until when the customer is to be reached, as ``leads.overview`` tells it.
ALSO: Mapping[str, str] = {
    "deadline": """
        LEFT JOIN LATERAL (
            SELECT a.accepted_at + p.contact_window AS at
            FROM leads_assignment a JOIN leads_routingpolicy p ON p.id = l.policy_id
            WHERE a.lead_id = l.id AND a.outcome IS NULL AND a.contacted_at IS NULL
            AND l.erased_at IS NULL LIMIT 1) due ON true
        """
}
