"""Who sees which manufacturer, partner and person; and that no row points into another tenant."""

from django.db import migrations

from leadhub.core.tenancy.operations import AppendOnly, SecureRows, TenantForeignKey, TenantKey, TenantRoot

MINE = "ANY ((SELECT leadhub_partners())::uuid[])"

# Conditions that look into other tables are functions, not subqueries: the planner would charge a
# subquery to every scan, for readers too who never come to it. Each runs as the reader and so sees
# the reader's rows only.
FUNCTIONS = """
CREATE FUNCTION leadhub_networks() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(p.manufacturer_id), '{}')
    FROM partners_partner p WHERE p.id = ANY (leadhub_partners())
$$;
CREATE FUNCTION leadhub_employers() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(m.manufacturer_id), '{}')
    FROM partners_membership m WHERE m.user_id = leadhub_user()
$$;
CREATE FUNCTION leadhub_works_with(person uuid) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE COST 1000 AS $$
    SELECT EXISTS (SELECT FROM partners_membership m WHERE m.user_id = person)
$$;
CREATE FUNCTION partners_material_is_visible(material uuid) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE COST 1000 AS $$
    SELECT EXISTS (SELECT FROM public.partners_material m WHERE m.id = material)
$$;
"""
DROP_FUNCTIONS = """
DROP FUNCTION partners_material_is_visible;
DROP FUNCTION leadhub_works_with;
DROP FUNCTION leadhub_employers;
DROP FUNCTION leadhub_networks;
"""
MY_NETWORK = "ANY ((SELECT leadhub_networks())::uuid[])"


def own(column: str = "partner_id") -> dict[str, str]:
    """Readable by the partner that the row belongs to."""
    return {"partner": f"{column} = {MINE}"}


def network(column: str = "manufacturer_id") -> dict[str, str]:
    """Readable by every partner of the manufacturer's network."""
    return {"network": f"{column} = {MY_NETWORK}"}


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_initial"), ("core", "0002_row_security")]

    operations = [
        *(
            TenantRoot(table)
            for table in (
                "partners_partner",
                "partners_productline",
                "partners_certificationlevel",
                "partners_membership",
                "partners_apikey",
                "partners_invitation",
                "partners_singlesignon",
                "partners_portfoliotally",
                "partners_setupchange",
                "partners_material",
                "partners_import",
                "core_idempotentanswer",
            )
        ),
        TenantKey("partners_partner"),
        TenantKey("partners_productline"),
        TenantKey("partners_certificationlevel"),
        TenantKey("partners_material"),
        TenantKey("partners_materialversion"),
        TenantKey("partners_import"),
        TenantForeignKey("partners_membership", "partner_id", "partners_partner"),
        TenantForeignKey("partners_apikey", "partner_id", "partners_partner"),
        TenantForeignKey("partners_invitation", "partner_id", "partners_partner"),
        TenantForeignKey("partners_servicearea", "partner_id", "partners_partner"),
        TenantForeignKey("partners_absence", "partner_id", "partners_partner"),
        TenantForeignKey("partners_exclusion", "partner_id", "partners_partner"),
        TenantForeignKey("partners_coveragecode", "partner_id", "partners_partner"),
        TenantForeignKey("partners_certification", "partner_id", "partners_partner"),
        TenantForeignKey("partners_certification", "level_id", "partners_certificationlevel"),
        TenantForeignKey("partners_certification", "product_line_id", "partners_productline"),
        TenantForeignKey("partners_portfolioitem", "partner_id", "partners_partner"),
        TenantForeignKey("partners_portfolioitem", "product_line_id", "partners_productline"),
        TenantForeignKey("partners_materialproductline", "material_id", "partners_material"),
        TenantForeignKey("partners_materialproductline", "product_line_id", "partners_productline"),
        TenantForeignKey("partners_materialversion", "material_id", "partners_material"),
        TenantForeignKey("partners_materialopening", "version_id", "partners_materialversion"),
        TenantForeignKey("partners_materialopening", "partner_id", "partners_partner"),
        TenantForeignKey("partners_importfile", "job_id", "partners_import"),
        TenantForeignKey("partners_importpart", "job_id", "partners_import"),
        TenantForeignKey("partners_importrow", "job_id", "partners_import"),
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
        SecureRows("partners_partner", readable_if=own("id")),
        # A person may read the names of all manufacturers they act for, to choose one.
        SecureRows(
            "partners_manufacturer",
            column="id",
            readable_if={
                **network("id"),
                "person": "id = ANY ((SELECT leadhub_employers())::uuid[])",
            },
        ),
        SecureRows("partners_productline", readable_if=network()),
        SecureRows("partners_certificationlevel", readable_if=network()),
        SecureRows(
            "partners_membership",
            readable_if={**own(), "person": "user_id = (SELECT leadhub_user())"},
        ),
        SecureRows(
            "partners_apikey",
            readable_if={"presented": "prefix = (SELECT leadhub_key_prefix())"},
        ),
        SecureRows("partners_invitation", readable_if=own()),
        SecureRows("partners_singlesignon"),
        SecureRows("partners_servicearea", readable_if=own()),
        SecureRows("partners_coveragecode", readable_if=own()),
        SecureRows("partners_absence", readable_if=own()),
        SecureRows("partners_exclusion"),
        SecureRows("partners_certification", readable_if=own()),
        SecureRows("partners_portfolioitem", readable_if=own()),
        SecureRows("partners_portfoliotally"),
        # Documents are the whole network's, until they are withdrawn.
        SecureRows(
            "partners_material",
            readable_if={"network": f"manufacturer_id = {MY_NETWORK} AND withdrawn_at IS NULL"},
        ),
        SecureRows(
            "partners_materialproductline",
            readable_if={"network": "partners_material_is_visible(material_id)"},
        ),
        SecureRows(
            "partners_materialversion",
            readable_if={"network": "partners_material_is_visible(material_id)"},
        ),
        SecureRows("partners_materialopening", readable_if=own()),
        AppendOnly("partners_materialopening"),
        SecureRows("partners_import"),
        SecureRows("partners_importfile"),
        SecureRows("partners_importpart"),
        SecureRows("partners_importrow"),
        SecureRows("partners_setupchange"),
        AppendOnly("partners_setupchange"),
        # A person belongs to no tenant: seen by themselves, and by those they work with.
        migrations.RunSQL(
            [
                "ALTER TABLE partners_user ENABLE ROW LEVEL SECURITY",
                "ALTER TABLE partners_user FORCE ROW LEVEL SECURITY",
                "CREATE POLICY system ON partners_user"
                " USING ((SELECT leadhub_system())) WITH CHECK ((SELECT leadhub_system()))",
                "CREATE POLICY person ON partners_user FOR SELECT"
                " USING (id = (SELECT leadhub_user()))",
                "CREATE POLICY colleague ON partners_user FOR SELECT"
                " USING (leadhub_works_with(id))",
            ],
            migrations.RunSQL.noop,
        ),
    ]
