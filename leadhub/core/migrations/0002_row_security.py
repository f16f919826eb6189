"""Extensions, the functions that policies read, and policies of the kernel's own tables."""

from django.contrib.postgres.operations import (
    BtreeGinExtension,
    BtreeGistExtension,
    CreateExtension,
    TrigramExtension,
)
from django.db import migrations

from leadhub.core.tenancy.operations import CreateScopeFunctions, SecureRows

# A point on the unit sphere: the straight line between two such points orders places exactly as
# the way over the ground does, and a GiST index finds the nearest first. The extension for earth
# distances would do the same, but only a superuser may install it.
ON_EARTH = """
CREATE FUNCTION leadhub_on_earth(latitude float8, longitude float8) RETURNS cube
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN cube(ARRAY[
        cos(radians(latitude)) * cos(radians(longitude)),
        cos(radians(latitude)) * sin(radians(longitude)),
        sin(radians(latitude))
    ]);
"""

# Letters hold what lets somebody in: nobody sees them but the jobs that write and send them.
LETTERS = [
    "ALTER TABLE core_letter ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE core_letter FORCE ROW LEVEL SECURITY",
    "CREATE POLICY system ON core_letter USING ((SELECT leadhub_system()))"
    " WITH CHECK ((SELECT leadhub_system()))",
]


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    run_before = [("partners", "0001_initial")]

    operations = [
        BtreeGinExtension(),
        BtreeGistExtension(),
        TrigramExtension(),
        CreateExtension("cube"),
        migrations.RunSQL(ON_EARTH, "DROP FUNCTION leadhub_on_earth"),
        CreateScopeFunctions(),
        SecureRows("core_delivery"),
        SecureRows("core_idempotentanswer"),
        migrations.RunSQL(LETTERS, migrations.RunSQL.noop),
    ]
