"""Faults in what reads rows and shows them: access functions, calls and their answers."""

from leadhub.embedded.mutants import Kinds, Mutant

LEADS = "leads/selectors.py"
PICK_LIST = "leads/pick_list.py"
NETWORK = "partners/selectors.py"
FIGURES = "kpis/selectors.py"
LAYERS = "tests/contracts/test_layers.py"
BY_ACCESS = (f"{LAYERS}::test_lets_nothing_through_by_access_functions_alone",)
ROLES = "tests/contracts/test_roles.py"
PAGE = f"{ROLES}::test_a_page_opens_to_the_roles_that_the_table_names"
CALL = "tests/api/test_access.py::test_a_call_is_answered_to_whom_it_is_for_and_to_nobody_else"
OFFERS = "tests/api/test_offers.py"

ACCESS_FUNCTIONS = (
    Mutant(
        "a manufacturer finds the leads of all manufacturers",
        LEADS,
        "    leads = Lead.objects.filter(manufacturer=actor.manufacturer_id)\n",
        "    leads = Lead.objects.all()\n",
        BY_ACCESS,
    ),
    Mutant(
        "a partner finds the leads of its whole network",
        LEADS,
        "leads = leads.filter(partner=actor.partner_id, id__in=held)",
        "leads = leads.all()",
        BY_ACCESS,
    ),
    Mutant(
        "a partner finds the offers to others",
        LEADS,
        "offers = offers.filter(partner=actor.partner_id).available(at)",
        "offers = offers.available(at)",
        BY_ACCESS,
    ),
    Mutant(
        "a partner finds an offer that a head start still hides",
        LEADS,
        "offers = offers.filter(partner=actor.partner_id).available(at)",
        "offers = offers.filter(partner=actor.partner_id)",
        ("tests/leads/test_head_start.py",),
    ),
    Mutant(
        "a partner's inbox shows an offer that a head start still hides",
        "leads/inbox.py",
        "return LeadOffer.objects.filter(partner_id__in=partner_ids).available(at)",
        "return LeadOffer.objects.filter(partner_id__in=partner_ids)",
        ("tests/leads/test_head_start.py",),
    ),
    Mutant(
        "a person finds the assignments of partners they do not work for",
        "leads/worklist.py",
        "return Assignment.objects.filter(partner_id__in=partner_ids)",
        "return Assignment.objects.all()",
        BY_ACCESS,
    ),
    Mutant(
        "a partner reads facts about others",
        LEADS,
        "events = events.filter(Q(partner=actor.partner_id) | held)",
        "events = events.all()",
        BY_ACCESS,
    ),
    Mutant(
        "a partner picks from leads that matching refuses it",
        PICK_LIST,
        "    return leads.filter(id__in=eligible)\n",
        "    return leads\n",
        ("tests/leads/test_pick_list.py",),
    ),
    Mutant(
        "a partner picks another manufacturer's lead",
        PICK_LIST,
        "lead = Lead.objects.filter(manufacturer=actor.manufacturer_id, id=lead_id).first()",
        "lead = Lead.objects.filter(id=lead_id).first()",
        BY_ACCESS,
    ),
    Mutant(
        "a partner finds the other partners",
        NETWORK,
        "partners = partners.filter(id=actor.partner_id)",
        "partners = partners.all()",
        BY_ACCESS,
    ),
    Mutant(
        "a partner finds the manufacturer's keys",
        NETWORK,
        "return keys.none() if actor.is_partner else keys",
        "return keys",
        BY_ACCESS,
    ),
    Mutant(
        "a partner's figures are those of the network",
        FIGURES,
        "        return actor.partner_id\n",
        "        return wanted\n",
        BY_ACCESS,
    ),
    Mutant(
        "a partner sees the network's funnel",
        FIGURES,
        'leads of others are no business of.\n    """\n'
        "    if actor.is_partner:\n        raise NotVisible\n",
        'leads of others are no business of.\n    """\n',
        BY_ACCESS,
    ),
)

ANSWERS = (
    Mutant(
        "a lead is answered with the offers to others",
        LEADS,
        "        offers = offers.filter(partner=actor.partner_id)\n        assignments =",
        "        assignments =",
        BY_ACCESS,
    ),
    Mutant(
        "a call looks for a lead among all that the database shows",
        "leads/api/leads.py",
        "self.find(leads_visible_to(self.actor), lead_id)",
        "self.find(leads_visible_to(self.actor).model._base_manager, lead_id)",
        (f"{OFFERS}::test_a_lead_is_not_there_for_a_partner_that_was_offered_it_in_vain",),
    ),
    Mutant(
        "a call shows a key found among all that the database shows",
        "partners/api/keys.py",
        "key = self.find(keys_visible_to(self.actor), key_id)\n        return Response(API_KEY",
        "key = self.find(keys_visible_to(self.actor).model._base_manager, key_id)\n"
        "        return Response(API_KEY",
        (
            "tests/api/test_keys.py::test_a_foreign_key_is_not_there_even_where_the_database_shows_it",
        ),
    ),
    Mutant(
        "an assignment shows the contact to whom it was taken from",
        "leads/api/outputs.py",
        "    if assignment.lead.partner_id != assignment.partner_id:\n        return None\n",
        "",
        (f"{OFFERS}::test_a_contact_is_gone_with_the_lead_even_where_the_database_shows_it",),
    ),
    Mutant(
        "a fact names who of the others acted",
        "leads/api/leads.py",
        "if event.actor != self.actor.label:",
        "if event.actor is None:",
        (f"{OFFERS}::test_who_acted_for_others_is_hidden_even_where_the_database_shows_it",),
    ),
)

PERMISSIONS = (
    Mutant(
        "whoever sees leads may change what becomes of them, on pages",
        "leads/views/actions.py",
        "desk_page(Capability.DISPATCH_LEADS)",
        "desk_page(Capability.SEE_LEADS)",
        (f"{PAGE}[desk-lead-assign-leads.dispatch]",),
    ),
    Mutant(
        "whoever sees the network may make keys, on pages",
        "partners/views/keys.py",
        "desk_page(Capability.MANAGE_KEYS)",
        "desk_page(Capability.SEE_NETWORK)",
        (f"{PAGE}[desk-key-add-keys.manage]",),
    ),
    Mutant(
        "whoever sees a lead may see who was asked for it, by the API",
        "leads/api/leads.py",
        "Capability.EXPLAIN_ROUTING",
        "Capability.SEE_LEADS",
        (f"{CALL}[get api-lead-routing]",),
    ),
    Mutant(
        "a key may do what its kind may, whatever its scopes",
        "partners/api/permissions.py",
        "if scope not in holder.scopes:",
        "if not holder.scopes:",
        (f"{CALL}[get api-leads]",),
    ),
    Mutant(
        "analysts have the rights of dispatchers",
        "partners/roles.py",
        "_DISPATCHERS = (Role.ADMIN, Role.DISPATCHER)",
        "_DISPATCHERS = STAFF_ROLES",
        (f"{ROLES}::test_gives_analysts_nothing_that_changes_anything",),
    ),
    Mutant(
        "a partner's key may make keys",
        "partners/roles.py",
        'also those of partners",\n        _ADMINS,\n        _by_manufacturer("partners:write"),\n',
        'also those of partners",\n        _ADMINS,\n        _by_both("partners:write"),\n',
        (f"{CALL}[post api-keys]",),
    ),
    Mutant(
        "the desk opens to everybody who works for a manufacturer",
        "partners/decorators.py",
        "if person.chosen is None or not person.may_at_desk(capability):",
        "if person.chosen is None:",
        ("tests/contracts/test_doors.py",),
    ),
)

KINDS: Kinds = {
    "access functions": ACCESS_FUNCTIONS,
    "calls and answers": ANSWERS,
    "permissions": PERMISSIONS,
}
