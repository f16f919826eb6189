"""Faults in what the database holds to, whoever asks: policies, masks, keys, contexts, search."""

from leadhub.embedded.mutants import Kinds, Mutant

OF_LEADS = "leads/migrations/0002_row_security.py"
OF_PARTNERS = "partners/migrations/0002_row_security.py"
OF_SEARCH = "leads/migrations/0003_search.py"
TENANCY = "leadhub/core/tenancy/operations.py"
CONTEXT = "leadhub/core/tenancy/context.py"
DOORS = "partners/decorators.py"
IDEMPOTENCY = "leadhub/core/api/idempotency.py"
LAYERS = "tests/contracts/test_layers.py"
SCHEMA = "tests/contracts/test_schema.py"
ISOLATION = "tests/contracts/test_isolation.py"
REFERENCES = "tests/contracts/test_references.py"
VIEW = "tests/contracts/test_partners_view.py"
SEARCH = "tests/contracts/test_search.py"
TENANCY_TESTS = "tests/core/test_tenancy.py"
BY_ROWS = (f"{LAYERS}::test_lets_nothing_through_by_row_level_security_alone",)
BLANKED = (
    "tests/contracts/test_masks.py::test_blanks_the_holder_of_a_lead_for_everybody_but_the_holder",
)
REPEATS = ("tests/api/test_repeats.py",)

POLICIES = (
    Mutant(
        "the owner of a table is not bound by its policies",
        TENANCY,
        '            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",\n',
        "",
        (SCHEMA,),
        refusal="leadhub.E003",
    ),
    Mutant(
        "a tenant may write rows of another",
        TENANCY,
        'USING ({tenant}) WITH CHECK ({tenant})"',
        'USING ({tenant}) WITH CHECK (true)"',
        (ISOLATION,),
    ),
    Mutant(
        "whoever reads a table by a policy of its own may write it too",
        TENANCY,
        "ON {table} FOR SELECT USING ({condition})",
        "ON {table} USING ({condition})",
        (ISOLATION,),
    ),
    Mutant(
        "messages have no policy",
        "leadhub/core/migrations/0002_row_security.py",
        '        SecureRows("core_delivery"),\n',
        "",
        (ISOLATION,),
        refusal="leadhub.E003",
    ),
    Mutant(
        "a partner sees the assignments of its network",
        OF_LEADS,
        'SecureRows("leads_assignment", readable_if=OWN)',
        'SecureRows("leads_assignment", readable_if={"partner": '
        '"manufacturer_id = ANY ((SELECT leadhub_networks())::uuid[])"})',
        BY_ROWS,
    ),
    Mutant(
        "a partner sees who else was shown a contact",
        OF_LEADS,
        'SecureRows("leads_leaddisclosure", readable_if=OWN)',
        'SecureRows("leads_leaddisclosure", readable_if={"partner": VISIBLE_LEAD})',
        BY_ROWS,
    ),
    Mutant(
        "a partner sees its offer before a head start is over",
        OF_LEADS,
        ' AND available_from <= clock_timestamp()"}\n# Functions',
        '"}\n# Functions',
        (VIEW,),
    ),
    Mutant(
        "a partner sees open leads of all networks",
        OF_LEADS,
        "OR (status = 'OPEN' AND manufacturer_id = ANY ((SELECT leadhub_networks())::uuid[]))",
        "OR status = 'OPEN'",
        (VIEW,),
    ),
    Mutant(
        "a partner sees where the others of its network work",
        OF_PARTNERS,
        'SecureRows("partners_servicearea", readable_if=own())',
        'SecureRows("partners_servicearea", readable_if=network())',
        BY_ROWS,
    ),
    Mutant(
        "everybody sees all people",
        OF_PARTNERS,
        "SELECT EXISTS (SELECT FROM partners_membership m WHERE m.user_id = person)",
        "SELECT true",
        (ISOLATION, VIEW),
    ),
)

CONTACTS = (
    Mutant(
        "whoever sees a lead sees its contact",
        OF_LEADS,
        'readable_if={"holder": "leads_is_held(lead_id)"}',
        'readable_if={"holder": VISIBLE_LEAD}',
        (VIEW,),
    ),
    Mutant(
        "whoever once had a lead keeps its contact",
        OF_LEADS,
        'readable_if={"holder": "leads_is_held(lead_id)"}',
        'readable_if={"holder": "EXISTS (SELECT FROM public.leads_assignment a'
        ' WHERE a.lead_id = leads_leadcontact.lead_id)"}',
        (VIEW,),
    ),
)

MASKS = (
    Mutant(
        "a lead names its holder to rivals",
        OF_LEADS,
        '"partner_id", unless=f"partner_id = {MINE}"',
        '"partner_id", unless="partner_id IS NOT NULL"',
        BLANKED,
    ),
    Mutant(
        "a fact names who of the others acted",
        OF_LEADS,
        'unless=f"type IN ({OWN_ACTS})"',
        'unless="true"',
        BY_ROWS,
    ),
    Mutant(
        "no mask stands in front of a table",
        CONTEXT,
        'return f"{MASKS}, public" if self.partners else "public"',
        'return "public"',
        BLANKED,
    ),
)

COMPOSITE_KEYS = (
    Mutant(
        "an assignment may point at another tenant's partner",
        OF_LEADS,
        '        TenantForeignKey("leads_assignment", "partner_id", "partners_partner"),\n',
        "",
        (SCHEMA,),
    ),
    Mutant(
        "a membership may point at another tenant's partner",
        OF_PARTNERS,
        '        TenantForeignKey("partners_membership", "partner_id", "partners_partner"),\n',
        "",
        (SCHEMA,),
    ),
    Mutant(
        "foreign keys leave the tenant out",
        TENANCY,
        'FOREIGN KEY (manufacturer_id, {column})"\n            f" REFERENCES {target} '
        '(manufacturer_id, id)"',
        'FOREIGN KEY ({column})"\n            f" REFERENCES {target} (id)"',
        (REFERENCES,),
    ),
)

CONTEXTS = (
    Mutant(
        "a domain function sees the rows of all tenants",
        CONTEXT,
        "with tenant_context(kwargs[parameter].manufacturer_id):  # type: ignore[attr-defined]",
        'with system_context("domain"):',
        (TENANCY_TESTS,),
    ),
    Mutant(
        "what an inner context showed stays visible in the outer one",
        CONTEXT,
        "                _tell_database(before)\n",
        "                pass\n",
        (TENANCY_TESTS,),
    ),
    Mutant(
        "a statement without a context is sent",
        CONTEXT,
        "            raise NoContext(table)\n",
        "            pass\n",
        ("tests/core/test_no_context.py",),
    ),
    Mutant(
        "a partner's page runs with the rows of the manufacturer",
        DOORS,
        "return partner_context(partners, user_id=person.user.id)",
        "return tenant_context(person.works_for[0].manufacturer_id)",
        ("tests/contracts/test_doors.py",),
    ),
    Mutant(
        "a partner's page runs for every partner that the person's networks have",
        DOORS,
        "return partner_context(partners, user_id=person.user.id)",
        "with tenant_context(person.works_for[0].manufacturer_id):\n"
        "            rivals = [p.id for p in type(person.works_for[0].partner).objects.all()]\n"
        "        return partner_context(rivals, user_id=person.user.id)",
        ("tests/contracts/test_doors.py",),
    ),
    Mutant(
        "a partner's key works with the rows of the manufacturer",
        "partners/api/views.py",
        "return partner_context([actor.partner_id], user_id=actor.user_id)",
        "return tenant_context(actor.manufacturer_id)",
        (f"{LAYERS}::test_needs_every_exception_it_makes",),
    ),
)

REPEATED_REQUESTS = (
    Mutant(
        "an answer is replayed to another key of the manufacturer",
        IDEMPOTENCY,
        "manufacturer_id=repeat.manufacturer_id, api_key_id=repeat.api_key_id, key=repeat.key\n",
        "manufacturer_id=repeat.manufacturer_id, key=repeat.key\n",
        REPEATS,
    ),
    Mutant(
        "a request waits for that of another key",
        IDEMPOTENCY,
        'name = f"{self.api_key_id}:{self.key}".encode()',
        "name = self.key.encode()",
        REPEATS,
    ),
)

SEARCHES = (
    Mutant(
        "the search asks for no tenant",
        OF_SEARCH,
        "WHERE s.manufacturer_id = (SELECT public.leadhub_manufacturer())\n        AND ",
        "WHERE ",
        (SEARCH,),
    ),
    Mutant(
        "the words of a lead are its partner's to read",
        OF_SEARCH,
        'SecureRows("leads_leadsearch")',
        'SecureRows("leads_leadsearch", readable_if={"partner": "leads_is_visible(lead_id)"})',
        (SEARCH,),
    ),
    Mutant(
        "whatever is sought is shown besides one's own rows",
        OF_SEARCH,
        "AS RESTRICTIVE FOR SELECT",
        "AS PERMISSIVE FOR SELECT",
        (SEARCH,),
    ),
    Mutant(
        "the search runs with the rights of its owner",
        OF_SEARCH,
        "LANGUAGE plpgsql STABLE ROWS 1000 AS $$",
        "LANGUAGE plpgsql STABLE ROWS 1000 SECURITY DEFINER AS $$",
        (SCHEMA,),
    ),
)

KINDS: Kinds = {
    "policies": POLICIES,
    "contacts": CONTACTS,
    "masks": MASKS,
    "composite keys": COMPOSITE_KEYS,
    "contexts": CONTEXTS,
    "repeated requests": REPEATED_REQUESTS,
    "search": SEARCHES,
}
