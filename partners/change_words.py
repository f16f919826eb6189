"""Changes of the set-up in the reader's language: what was changed, and from what to what."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext, gettext_lazy as _, pgettext_lazy

from leadhub.core.templatetags.shown import NOTHING, day, duration, moment, number
from partners.models import OwnSetting, SetUpChange
from partners.models.accounts import Role
from partners.models.materials import MaterialKind
from partners.models.partners import Status
from partners.opening_words import week_in_words

# What can be changed; a kind that is missing here is shown as it is called in the record.
KINDS: Mapping[str, Any] = {
    "manufacturer": _("Settings"),
    "product_line": _("Product line"),
    "level": _("Certification level"),
    "partner": _("Partner"),
    "material": _("Document"),
    "material_version": _("Version of a document"),
    "absence": _("Absence"),
    "exclusion": _("Exclusion list"),
    "policy": _("Rule of distribution"),
    "membership": _("Membership"),
    "invitation": _("Invitation"),
    "api_key": _("API key"),
    "webhook": _("Webhook"),
    "target": _("Target"),
    "single_sign_on": _("Single sign-on"),
    "view": _("View of the leads"),
    "web_form": _("Form"),
    "consent_text": _("Text that customers agree to"),
}
FIELDS: Mapping[str, Any] = {
    "name": _("Name"),
    "code": _("Code"),
    "rank": _("Rank"),
    "external_id": _("Number"),
    "email": _("E-mail address"),
    "phone": _("Phone"),
    "language": _("Language"),
    "street": _("Street"),
    "postal_code": _("Postal code"),
    "city": _("Town"),
    "country": _("Country"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "radius_km": _("Radius in km"),
    "postal_code_areas": _("Postal codes"),
    "regions": _("Federal states"),
    "product_lines": _("Product lines"),
    "product_line": _("Product line"),
    "certifications": _("Certifications"),
    "level": _("Level"),
    "valid_from": _("Valid from"),
    "valid_until": _("Valid until"),
    "title": _("Title"),
    "material_kind": _("Kind of document"),
    "file_name": _("File"),
    "number": _("Version"),
    "working_hours": _("Working hours"),
    "opening_hours": _("Opening hours"),
    "holiday_region": _("Holidays"),
    "first_day": _("First day"),
    "last_day": _("Last day"),
    "exclusion_kind": _("Compared by"),
    "entry": _("Entry"),
    "cap_open": _("Leads in hand"),
    "cap_per_day": _("Offers a day"),
    "cap_per_week": _("Offers a week"),
    "cap_per_month": _("Offers a month"),
    "weight": _("Preference"),
    "status": _("Status"),
    "role": _("Role"),
    "partner": _("Partner"),
    "scopes": _("Rights"),
    "expires_at": _("Expires"),
    "revoked_at": _("Revoked"),
    "accepted_at": _("Accepted"),
    "withdrawn_at": _("Withdrawn"),
    "issuer": _("Address of the provider (issuer)"),
    "client_id": _("Client ID"),
    "domain": _("Domain of your e-mail addresses"),
    "renewed_at": _("Secret renewed"),
    "retention_months": _("Months that personal data is kept"),
    "duplicate_days": _("Days that new leads are compared with"),
    "partners_may": _("What partners may change themselves"),
    "own_radius_most": _("Kilometres that partners may choose at most"),
    "own_open_least": _("Leads at a time that partners may choose at least"),
    "own_open_most": _("Leads at a time that partners may choose at most"),
    "shows_rank": _("Partners see their place among the others"),
    "brand_text": _("Name at the head of mails"),
    "brand_color": _("Colour of mails"),
    "brand_ink": _("Colour of text on it"),
    "currency": _("Currency"),
    "time_zone": _("Time zone"),
    "slug": _("Short name"),
    "source": _("Source"),
    "version": _("Version"),
    "is_active": _("In force"),
    "waves": _("Waves"),
    "partners": _("Partners asked"),
    "response_window": _("Time to answer"),
    "head_start": _("Head start"),
    "strategy": _("Who is asked first"),
    "weights": _("Weights"),
    "any_product_line": _("One of several product lines is enough"),
    "late_answers": _("Late answers are allowed"),
    "max_overdue_feedback": _("Overdue feedback allowed"),
    "contact_window": _("Time to the first contact"),
    "take_back": _("Taken back without a call"),
    "feedback_due": _("Feedback due after"),
    "feedback_repeat": _("Feedback repeated after"),
    "clock": _("Clock"),
    "address": _("Address"),
    "event_types": _("What it is told"),
    "off_because": _("Switched off because"),
    "shows": _("Filters and columns"),
    "asks": _("Asked for"),
    "insists_on": _("Has to be filled in"),
    "temperature": _("How close to buying"),
    "is_test": _("Test"),
    "sites": _("Sites that may show it"),
    "go_on_to": _("Address to go on to afterwards"),
    "closed_at": _("Closed"),
    "texts": _("Texts"),
    "text": _("Text"),
    "intro": _("A few words before"),
    "thanks": _("Thanks"),
    "de": pgettext_lazy("a language", "German"),
    "en": pgettext_lazy("a language", "English"),
}
# Hours of a week, one text a day.
WEEKS = ("working_hours", "opening_hours")
LASTING = ("response_window", "head_start", "contact_window", "feedback_due", "feedback_repeat")
# Numbers that are read without a separator of thousands, and as many digits as they have.
AS_THEY_ARE = ("latitude", "longitude", "version", "rank", "number")
WORDS: Mapping[str, Mapping[str, Any]] = {
    "status": dict(Status.choices),
    "role": dict(Role.choices),
    "material_kind": dict(MaterialKind.choices),
    "strategy": {"BALANCED": _("Balanced"), "NEAREST": _("The nearest first")},
    "partners_may": dict(OwnSetting.choices),
    "clock": {"wall": _("Wall clock"), "working": _("Working time")},
    "off_because": {
        "SWITCHED_OFF": _("Switched off by hand"),
        "GONE": _("It answered 410: nobody is there any more"),
        "FAILING": _("It took nothing for three days"),
    },
}
ADDED = pgettext_lazy("a change of the set-up", "Added")
CHANGED = pgettext_lazy("a change of the set-up", "Changed")
REMOVED = pgettext_lazy("a change of the set-up", "Removed")


class FieldChange(NamedTuple):
    """One field that changed, in words; of something new or gone one side is empty."""

    label: str
    before: str
    after: str


def kind_in_words(kind: str) -> str:
    """Name a kind of thing that can be changed."""
    return str(KINDS.get(kind, kind))


def act_in_words(change: SetUpChange) -> str:
    """Say whether something was added, changed or removed."""
    if change.before is None:
        return str(ADDED)
    return str(REMOVED if change.after is None else CHANGED)


def fields_in_words(change: SetUpChange) -> list[FieldChange]:
    """Tell every field that changed."""
    before, after = change.before or {}, change.after or {}
    return [
        FieldChange(
            label=field_in_words(field),
            before="" if change.before is None else value_in_words(field, before.get(field)),
            after="" if change.after is None else value_in_words(field, after.get(field)),
        )
        for field in sorted({**before, **after}, key=_place)
    ]


def differences_in_words(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> list[FieldChange]:
    """Tell every field that is another afterwards, of something that was there and still is."""
    was, became = before or {}, after or {}
    return [
        FieldChange(
            label=field_in_words(field),
            before=value_in_words(field, was.get(field)),
            after=value_in_words(field, became.get(field)),
        )
        for field in sorted({**was, **became}, key=_place)
        if was.get(field) != became.get(field)
    ]


def _place(field: str) -> tuple[int, str]:
    """Put fields in the order in which they are named here, others behind."""
    return (list(FIELDS).index(field) if field in FIELDS else len(FIELDS)), field


def field_in_words(field: str) -> str:
    """Name a field; one without a name here as the record calls it."""
    return str(FIELDS.get(field, field.replace("_", " ")))


def value_in_words(field: str, value: Any) -> str:
    """Write a value as people read it."""
    if value in (None, "", [], {}):
        return NOTHING
    match value:
        case bool():
            return gettext("Yes") if value else gettext("No")
        case int() | float():
            return _number_in_words(field, value)
        case list():
            return _list_in_words(field, value)
        case dict():
            said = {name: part for name, part in value.items() if part not in (None, "", 0)}
            return ", ".join(
                f"{field_in_words(name)}: {value_in_words(name, part)}"
                for name, part in sorted(said.items(), key=lambda one: _place(one[0]))
            )
        case _:
            return _text_in_words(field, str(value))


def _list_in_words(field: str, value: list[Any]) -> str:
    if field in WEEKS:
        return "; ".join(f"{one.days} {one.hours}" for one in week_in_words(value))
    separator = "; " if isinstance(value[0], dict) else ", "
    return separator.join(value_in_words(field, part) for part in value)


def _number_in_words(field: str, value: float) -> str:
    if field in LASTING:
        return duration(value)
    return str(value) if field in AS_THEY_ARE else number(value)


def _text_in_words(field: str, value: str) -> str:
    if field in WORDS:
        return str(WORDS[field].get(value, value))
    if field.endswith("_at") and (instant := parse_datetime(value)):
        return moment(instant)
    if field in ("valid_from", "valid_until") and (date := parse_date(value)):
        return day(date)
    return value
