"""What the database refuses because it must never be, whatever the code does."""

import pytest
from django.db import IntegrityError, transaction

from leadhub.core.tenancy.context import system_context
from tests.contracts.catalogue import World, ask, tell

NOW = "timestamptz '2026-03-02 13:00Z'"

NOTHING_DUE = "feedback_due_at = NULL, contact_due_at = NULL"

# (constraint, table, what is set, where): "{name}" stands for an id of the world.
FORBIDDEN = [
    ("an_offered_lead_has_a_deadline", "leads_lead", "respond_by = NULL", "id = '{offered}'"),
    ("an_offered_lead_has_a_deadline", "leads_lead", "due_at = NULL", "id = '{offered}'"),
    ("an_offered_lead_has_a_deadline", "leads_lead", f"respond_by = {NOW}", "id = '{held}'"),
    ("an_offered_lead_has_a_deadline", "leads_lead", f"due_at = {NOW}", "id = '{unplaced}'"),
    ("a_lead_in_hands_has_a_holder", "leads_lead", "partner_id = NULL", "id = '{held}'"),
    (
        "a_lead_in_hands_has_a_holder",
        "leads_lead",
        "status = 'WON', partner_id = NULL",
        "id = '{held}'",
    ),
    ("a_lead_in_hands_has_a_holder", "leads_lead", "partner_id = '{asked}'", "id = '{offered}'"),
    ("a_lead_in_hands_has_a_holder", "leads_lead", "partner_id = '{asked}'", "id = '{unplaced}'"),
    ("a_lead_in_hands_has_a_holder", "leads_lead", "status = 'ACCEPTED'", "id = '{unplaced}'"),
    ("a_held_lead_has_a_reason", "leads_lead", "status = 'HELD'", "id = '{unplaced}'"),
    ("a_held_lead_has_a_reason", "leads_lead", "hold_reason = 'DUPLICATE'", "id = '{unplaced}'"),
    ("a_merged_lead_says_into_which", "leads_lead", "status = 'MERGED'", "id = '{unplaced}'"),
    ("a_merged_lead_says_into_which", "leads_lead", "merged_into_id = id", "id = '{unplaced}'"),
    ("lead_is_on_earth", "leads_lead", "latitude = 90.1", "id = '{held}'"),
    ("lead_is_on_earth", "leads_lead", "longitude = -180.1", "id = '{held}'"),
    ("lead_is_on_earth", "leads_lead", "latitude = 'NaN'", "id = '{held}'"),
    ("lead_is_on_earth", "leads_lead", "longitude = NULL", "id = '{held}'"),
    ("lead_is_on_earth", "leads_lead", "latitude = NULL", "id = '{held}'"),
    ("one_lead_per_push", "leads_lead", "external_id = 'same'", "true"),
    ("only_a_closed_pick_says_when", "leads_pick", f"closed_at = {NOW}, ending = NULL", "true"),
    ("only_a_closed_pick_says_when", "leads_pick", f"closed_at = {NOW}, ending = 'LATE'", "true"),
    (
        "a_customer_can_be_reached",
        "leads_leadcontact",
        "email = '', phone = ''",
        "lead_id = '{held}'",
    ),
    ("one_accepted_offer_per_lead", "leads_leadoffer", "status = 'ACCEPTED'", "lead_id = '{held}'"),
    (
        "one_offer_per_partner_and_wave",
        "leads_leadoffer",
        "partner_id = '{asked}'",
        "lead_id = '{held}'",
    ),
    (
        "an_offer_leaves_time_to_answer",
        "leads_leadoffer",
        "available_from = offered_at - interval '1 second'",
        "true",
    ),
    (
        "an_offer_leaves_time_to_answer",
        "leads_leadoffer",
        "respond_by = available_from",
        "true",
    ),
    (
        "one_open_assignment_per_lead",
        "leads_assignment",
        "lead_id = '{held}', offer_id = NULL",
        "outcome IS NULL",
    ),
    ("an_ended_assignment_says_when", "leads_assignment", f"closed_at = {NOW}", "true"),
    ("an_ended_assignment_says_when", "leads_assignment", f"returned_at = {NOW}", "true"),
    ("an_ended_assignment_says_when", "leads_assignment", "outcome = 'WON'", "true"),
    ("an_ended_assignment_says_when", "leads_assignment", "outcome = 'RETURNED'", "true"),
    (
        "an_ended_assignment_says_when",
        "leads_assignment",
        f"outcome = 'LOST', closed_at = {NOW}, returned_at = {NOW}",
        "true",
    ),
    (
        "an_ended_assignment_says_when",
        "leads_assignment",
        f"outcome = 'RETURNED', closed_at = {NOW}, returned_at = {NOW}",
        "true",
    ),
    (
        "only_a_lead_without_contact_awaits_one",
        "leads_assignment",
        f"contact_due_at = {NOW}",
        "contacted_at IS NOT NULL",
    ),
    ("only_a_won_assignment_has_a_value", "leads_assignment", "value = 1", "true"),
    (
        "an_expectation_says_how_likely_it_is",
        "leads_assignment",
        "expected_value = 1, closing_chance = NULL",
        "true",
    ),
    (
        "an_expected_month_is_its_first_day",
        "leads_assignment",
        "expected_month = '2026-04-02', closing_chance = 'HIGH'",
        "true",
    ),
    (
        "an_expected_value_is_no_debt",
        "leads_assignment",
        "expected_value = -1, closing_chance = 'HIGH'",
        "true",
    ),
    ("an_ended_reminder_says_how", "leads_reminder", f"ended_at = {NOW}", "ended_at IS NULL"),
    ("an_ended_reminder_says_how", "leads_reminder", "ended_as = 'DONE'", "ended_as IS NULL"),
    ("a_reminder_lies_ahead", "leads_reminder", "due_at = set_at", "true"),
    (
        "a_version_ends_after_it_begins",
        "partners_materialversion",
        "valid_until = valid_from - 1",
        "true",
    ),
    (
        "only_a_won_assignment_has_a_value",
        "leads_assignment",
        f"value = 1, outcome = 'LOST', closed_at = {NOW}, {NOTHING_DUE}",
        "true",
    ),
    (
        "only_the_default_holds_for_everything",
        "leads_routingpolicy",
        "is_default = false",
        "is_active",
    ),
    (
        "only_the_default_holds_for_everything",
        "leads_routingpolicy",
        "source = 'fair'",
        "is_active",
    ),
    ("one_active_policy_per_reach", "leads_routingpolicy", "is_active = true", "true"),
    (
        "a_draft_holds_for_nothing",
        "leads_routingpolicy",
        "published_at = NULL",
        "is_active",
    ),
    ("an_import_waits_since_an_instant", "partners_import", "status = 'STORING'", "true"),
    ("an_import_waits_since_an_instant", "partners_import", f"queued_at = {NOW}", "true"),
    (
        "one_import_per_upload",
        "partners_import",
        "upload_key = '00000000-0000-7000-8000-000000000000'",
        "true",
    ),
    ("a_form_asks_how_to_reach_the_customer", "leads_webform", "asks = '{{wish}}'", "true"),
    ("a_replay_has_a_size", "leads_replay", "wanted = 0", "true"),
    ("a_replay_has_a_size", "leads_replay", "wanted = 10001", "true"),
    ("a_replay_that_is_done_has_a_result", "leads_replay", "status = 'DONE'", "true"),
    ("a_replay_that_is_done_has_a_result", "leads_replay", "result = '{{}}'", "true"),
    ("a_webhook_that_is_off_says_why", "leads_webhook", "off_because = 'GONE'", "true"),
    ("a_webhook_that_is_off_says_why", "leads_webhook", f"off_since = {NOW}", "true"),
    ("a_webhook_is_told_of_something", "leads_webhook", "event_types = '{{}}'", "true"),
    ("weight_up_to_100", "partners_partner", "weight = 101", "true"),
    ("partner_is_on_earth", "partners_partner", "latitude = -90.1", "true"),
    ("partner_is_on_earth", "partners_partner", "longitude = 'NaN'", "true"),
    ("one_partner_per_external_id", "partners_partner", "external_id = 'same'", "true"),
    (
        "only_a_radius_has_kilometres",
        "partners_servicearea",
        "radius_km = NULL",
        "kind = 'RADIUS'",
    ),
    ("only_a_radius_has_kilometres", "partners_servicearea", "radius_km = 0", "kind = 'RADIUS'"),
    ("only_a_radius_has_kilometres", "partners_servicearea", "radius_km = 5", "kind = 'REGION'"),
    (
        "an_absence_ends_after_it_begins",
        "partners_absence",
        "last_day = first_day - 1",
        "true",
    ),
    (
        "only_a_lead_in_hands_awaits_feedback",
        "leads_assignment",
        "feedback_due_at = now(), outcome = 'RETURNED', returned_at = now()",
        "outcome IS NULL",
    ),
    (
        "partner_roles_have_a_partner",
        "partners_membership",
        "partner_id = NULL",
        "role = 'PARTNER_REP'",
    ),
    (
        "partner_roles_have_a_partner",
        "partners_membership",
        "partner_id = '{asked}'",
        "role = 'ADMIN'",
    ),
    ("partner_roles_have_a_partner", "partners_membership", "role = 'ADMIN'", "true"),
    (
        "invited_partner_roles_have_a_partner",
        "partners_invitation",
        "partner_id = NULL",
        "role = 'PARTNER_REP'",
    ),
    (
        "invited_partner_roles_have_a_partner",
        "partners_invitation",
        "partner_id = '{asked}'",
        "role = 'ANALYST'",
    ),
    ("invited_in_lower_case", "partners_invitation", "email = upper(email)", "true"),
    ("email_in_lower_case", "partners_user", "email = upper(email)", "true"),
    ("tally_not_below_zero", "partners_portfoliotally", "partners = -1", "true"),
    ("one_product_line_per_code", "partners_productline", "code = 'same'", "true"),
    ("one_level_per_code", "partners_certificationlevel", "code = 'same'", "true"),
    ("one_delivery_per_message", "core_delivery", "dedupe = 'same'", "true"),
    ("sent_or_given_up", "core_delivery", "done_at = now(), failed_at = now()", "true"),
    ("quiet_hours_have_two_ends", "partners_noticesettings", "quiet_from = '22:00'", "true"),
    (
        "quiet_hours_have_two_ends",
        "partners_noticesettings",
        "quiet_from = '7:00', quiet_until = '7:00'",
        "true",
    ),
    (
        "quiet_or_at_any_hour",
        "partners_noticesettings",
        "quiet_from = '22:00', quiet_until = '7:00', rings_anytime = true",
        "true",
    ),
    (
        "opening_hours_are_of_a_week",
        "partners_partner",
        "opening_hours = '{{08:00-17:00}}'",
        "id = '{asked}'",
    ),
    ("hour_of_a_day", "partners_noticesettings", "digest_hour = 24", "true"),
    ("a_view_has_a_name", "leads_savedview", "name = ''", "true"),
    ("the_board_opens_with_one_view", "leads_openingview", "built_in = 'on-hold'", "true"),
    ("the_board_opens_with_one_view", "leads_openingview", "view_id = NULL", "true"),
    (
        "a_deed_is_done_to_some_leads_but_not_to_all",
        "leads_bulkdeed",
        "leads = '{{}}'",
        "true",
    ),
    (
        "a_deed_is_done_to_some_leads_but_not_to_all",
        "leads_bulkdeed",
        "leads = array_fill(id, ARRAY[201])",
        "true",
    ),
]


@pytest.mark.parametrize(
    ("constraint", "table", "change", "where"),
    FORBIDDEN,
    ids=[f"{constraint}: {change} of {where}" for constraint, _, change, where in FORBIDDEN],
)
def test_refuses_what_must_never_be(
    acme: World, constraint: str, table: str, change: str, where: str
) -> None:
    ids = {
        "offered": acme.offered.id,
        "held": acme.held.id,
        "unplaced": acme.unplaced.id,
        "asked": acme.asked.id,
    }
    statement = f"UPDATE {table} SET {change} WHERE {where}".format(**ids)

    with (
        system_context("test"),
        pytest.raises(IntegrityError, match=f'"{constraint}"'),
        transaction.atomic(),
    ):
        tell(statement)


def test_knows_every_check_that_the_schema_makes(db: None) -> None:
    checks = ask(
        "SELECT conname FROM pg_constraint WHERE contype = 'c'"
        " AND connamespace = 'public'::regnamespace AND conname !~ '_check\\d*$'"
    )

    assert {name for (name,) in checks} <= {constraint for constraint, *_ in FORBIDDEN}
