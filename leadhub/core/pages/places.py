"""Countries and postal codes, as forms ask for them."""

from babel import Locale

from leadhub.core.countries import COUNTRIES
from leadhub.core.templatetags.shown import locale_of_reader

LONGEST_POSTAL_CODE = 12
# The countries whose postal codes and regions are known best stand first.
FIRST_COUNTRIES = ("DE", "AT", "CH")


def countries() -> list[tuple[str, str]]:
    """List the countries by the names that the reader knows, the likeliest first."""
    names = Locale.parse(locale_of_reader()).territories
    others = sorted(COUNTRIES - {*FIRST_COUNTRIES}, key=lambda code: names.get(code, code))
    return [(code, names.get(code, code)) for code in (*FIRST_COUNTRIES, *others)]
