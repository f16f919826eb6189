"""Where leads come from, by the names that people know."""

from collections.abc import Mapping

from django.utils.translation import gettext, gettext_noop

# Codes that programs commonly send; any other is its own name.
NAMES: Mapping[str, str] = {
    "website": gettext_noop("Website"),
    "web": gettext_noop("Website"),
    "configurator": gettext_noop("Configurator"),
    "phone": gettext_noop("Telephone"),
    "telephone": gettext_noop("Telephone"),
    "email": gettext_noop("E-mail"),
    "e-mail": gettext_noop("E-mail"),
    "letter": gettext_noop("Letter"),
    "fair": gettext_noop("Trade fair"),
    "trade-fair": gettext_noop("Trade fair"),
    "partner-portal": gettext_noop("Partner portal"),
    "campaign": gettext_noop("Campaign"),
    "crm": gettext_noop("CRM"),
}


def name_of_source(code: str) -> str:
    """Name a source in the reader's language; one that is not known as it was given."""
    name = NAMES.get(code.lower())
    return gettext(name) if name else code
