"""Who sees how people log in: each their own alone, and a named job while somebody is looked for."""

from django.db import migrations

SYSTEM = "(SELECT leadhub_system())"
MINE = "user_id = (SELECT leadhub_user())"
BY_ADDRESS = (
    "email_address_id IN (SELECT e.id FROM account_emailaddress e"
    " WHERE e.user_id = (SELECT leadhub_user()))"
)


def own(table: str, condition: str = MINE) -> list[str]:
    """Let people read and change their own rows of a table."""
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY system ON {table} USING ({SYSTEM}) WITH CHECK ({SYSTEM})",
        f"CREATE POLICY person ON {table} USING ({condition}) WITH CHECK ({condition})",
    ]


def hidden(table: str) -> list[str]:
    """Show a table to nobody but a named job."""
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY system ON {table} USING ({SYSTEM}) WITH CHECK ({SYSTEM})",
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0002_row_security"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("usersessions", "0001_initial"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]

    operations = [
        migrations.RunSQL(own("account_emailaddress"), migrations.RunSQL.noop),
        migrations.RunSQL(own("account_emailconfirmation", BY_ADDRESS), migrations.RunSQL.noop),
        migrations.RunSQL(own("mfa_authenticator"), migrations.RunSQL.noop),
        migrations.RunSQL(own("usersessions_usersession"), migrations.RunSQL.noop),
        # How people want to be told is theirs alone; whoever sends looks it up under a name.
        migrations.RunSQL(own("partners_noticesettings"), migrations.RunSQL.noop),
        migrations.RunSQL(own("partners_pushdevice"), migrations.RunSQL.noop),
        # Allauth keeps providers and what they say here; we keep neither, and nobody sees any.
        *(
            migrations.RunSQL(hidden(f"socialaccount_{name}"), migrations.RunSQL.noop)
            for name in ("socialapp", "socialaccount", "socialtoken")
        ),
        # Passwords are changed by their owners.
        migrations.RunSQL(
            "CREATE POLICY self ON partners_user FOR UPDATE USING (id = (SELECT leadhub_user()))"
            " WITH CHECK (id = (SELECT leadhub_user()))",
            migrations.RunSQL.noop,
        ),
    ]
