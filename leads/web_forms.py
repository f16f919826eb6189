"""Forms for a manufacturer's own sites: what they ask for, where they are shown, what is agreed to.

The text that customers agree to has versions. A changed text is a new one; the old ones stay, and
the consent kept with a lead names the one that its customer saw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from leadhub.core.actors import Actor
from leadhub.core.countries import COUNTRIES
from leadhub.core.errors import InvalidInput
from leadhub.core.html_mail import Brand
from leadhub.core.ids import new_id
from leadhub.core.sites import NoSite, origin_from, page_from
from leadhub.core.tenancy.context import in_tenant_of, system_context, tenant_context
from leads.models import ConsentText, WebForm
from leads.models.leads import Temperature
from leads.models.web_forms import AskedField
from partners.changes import fields_of, record_change
from partners.models import ProductLine
from partners.tenants import brand_of

MOST_SITES = 20
REACHED_BY = (AskedField.EMAIL, AskedField.PHONE)
# Consents that leadhub itself asked for are named so; programs name their own as they like.
LABELLED = "form-"
RECORDED = (
    "name", "product_lines", "country", "asks", "insists_on", "temperature", "is_test", "sites",
    "go_on_to", "texts",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FormText:
    """What a form says in one language.

    :ivar consent: what its customers agree to.
    """

    title: str
    intro: str
    consent: str
    thanks: str


@dataclass(frozen=True, slots=True)
class FormDetails:
    """Everything about a form that may change.

    :ivar product_lines: codes, in the order in which they are shown.
    :ivar asks: values of ``AskedField``; ``insists_on`` are those that must not be left empty.
    :ivar sites: addresses of the sites that may show it.
    :ivar texts: language -> what it says.
    """

    name: str
    product_lines: Sequence[str]
    country: str
    asks: Sequence[str]
    texts: Mapping[str, FormText]
    insists_on: Sequence[str] = ()
    temperature: str = Temperature.WARM
    is_test: bool = False
    sites: Sequence[str] = ()
    go_on_to: str = ""


class ShownForm(NamedTuple):
    """A form as somebody is to see it in one language.

    :ivar lines: code and name of the product lines that may be chosen.
    """

    form: WebForm
    brand: Brand
    consent: ConsentText
    lines: Sequence[tuple[str, str]]

    @property
    def language(self) -> str:
        """The language that the text agreed to is written in."""
        return self.consent.language

    @property
    def others(self) -> list[str]:
        """The other languages that the form speaks."""
        return [language for language in sorted(self.form.texts) if language != self.language]

    @property
    def texts(self) -> Mapping[str, str]:
        """What else it says, in this language."""
        said: Mapping[str, str] = self.form.texts.get(self.language, {})
        return said


def web_forms_visible_to(actor: Actor) -> QuerySet[WebForm]:
    """Find the forms of a manufacturer by name; partners see none."""
    forms = WebForm.objects.filter(manufacturer=actor.manufacturer_id).order_by("name", "id")
    return forms.none() if actor.is_partner else forms


def consent_texts_visible_to(actor: Actor, *, form: WebForm) -> list[ConsentText]:
    """List the texts that customers agreed to on a form, the latest of each language first."""
    texts = ConsentText.objects.filter(manufacturer=actor.manufacturer_id, form=form)
    return [] if actor.is_partner else list(texts.order_by("language", "-version"))


def consent_text_called(label: str, *, actor: Actor) -> ConsentText | None:
    """Find the text that a customer agreed to, if it was one of a form."""
    if actor.is_partner or not label.startswith(LABELLED):
        return None
    texts = ConsentText.objects.filter(manufacturer=actor.manufacturer_id, label=label)
    return texts.select_related("form").first()


def find_web_form(form_id: UUID) -> WebForm | None:
    """Find a form by its public address, whoever's it is."""
    with system_context("web_forms.find"):
        return WebForm.objects.select_related("manufacturer").filter(id=form_id).first()


def read_shown(form: WebForm, *, language: str, consent_id: UUID | None = None) -> ShownForm:
    """Read what a form shows.

    :param form: as ``find_web_form`` finds it.
    :param language: wanted; one that it does not speak makes way for the manufacturer's.
    :param consent_id: the text that somebody has seen already; it is shown again, in its language.
    """
    spoken = next(
        one for one in (language, form.manufacturer.language, *form.texts) if one in form.texts
    )
    with tenant_context(form.manufacturer_id):
        texts = ConsentText.objects.filter(manufacturer=form.manufacturer_id, form=form)
        spoken_texts = texts.filter(language__in=list(form.texts))
        seen = spoken_texts.filter(id=consent_id).first() if consent_id else None
        latest = seen or texts.filter(language=spoken).order_by("-version")[0]
        names = dict(
            ProductLine.objects.filter(
                manufacturer=form.manufacturer_id, code__in=form.product_lines
            ).values_list("code", "name")
        )
    lines = [(code, names[code]) for code in form.product_lines if code in names]
    return ShownForm(form, brand_of(form.manufacturer), latest, lines)


@in_tenant_of("by")
def create_web_form(*, details: FormDetails, source: str, by: Actor, at: datetime) -> WebForm:
    """Make a form; it can be filled in at once.

    :param source: of the leads that come by it, for good.
    :raises InvalidInput: naming the field that is missing, malformed or unknown.
    """
    _need(source, field="source")
    form = WebForm(id=new_id(), manufacturer_id=by.manufacturer_id, source=source, created_at=at)
    _take_over(form, details, by)
    form.save(force_insert=True)
    _write_consents(form, details, by, at)
    _record(form, by, before=None)
    return form


@in_tenant_of("form")
def change_web_form(*, form: WebForm, details: FormDetails, by: Actor, at: datetime) -> WebForm:
    """Change a form; whoever fills it in just now agrees to what they saw.

    :raises InvalidInput: naming the field that is missing, malformed or unknown.
    """
    form = WebForm.objects.select_for_update(no_key=True).get(id=form.id)
    before = fields_of(form, *RECORDED)
    _take_over(form, details, by)
    form.save(update_fields=RECORDED)
    _write_consents(form, details, by, at)
    _record(form, by, before=before)
    return form


@in_tenant_of("form")
def set_open(*, form: WebForm, is_open: bool, by: Actor, at: datetime) -> WebForm:
    """Let a form take enquiries or none; again, it changes nothing."""
    form = WebForm.objects.select_for_update(no_key=True).get(id=form.id)
    before = fields_of(form, "closed_at")
    if (form.closed_at is None) != is_open:
        form.closed_at = None if is_open else at
        form.save(update_fields=["closed_at"])
        _record(form, by, before=before, names=("closed_at",))
    return form


def _take_over(form: WebForm, details: FormDetails, by: Actor) -> None:
    """Check what a form is to be like, and write it on the form."""
    _need(details.name, field="name")
    if details.country not in COUNTRIES:
        raise InvalidInput(
            field="country", message=gettext_noop("There is no such country."), code="unknown"
        )
    form.name, form.country = details.name, details.country
    form.product_lines = _checked_lines(details.product_lines, by)
    form.asks = [name for name in AskedField.values if name in details.asks]
    form.insists_on = [name for name in form.asks if name in details.insists_on]
    if not set(form.asks) & set(REACHED_BY):
        raise InvalidInput(
            field="asks",
            message=gettext_noop("Ask for an e-mail address or a phone number, or for both."),
            code="unreachable",
        )
    form.temperature, form.is_test = details.temperature, details.is_test
    form.sites = _checked_sites(details.sites)
    form.go_on_to = _checked_page(details.go_on_to)
    form.texts = _checked_texts(details.texts)


def _checked_lines(codes: Sequence[str], by: Actor) -> list[str]:
    wanted = list(dict.fromkeys(codes))
    if not wanted:
        raise InvalidInput(
            field="product_lines",
            message=gettext_noop("Name at least one product line."),
            code="required",
        )
    known = ProductLine.objects.filter(manufacturer=by.manufacturer_id, code__in=wanted)
    unknown = set(wanted) - set(known.values_list("code", flat=True))
    for code in sorted(unknown):
        raise InvalidInput(
            field="product_lines",
            message=gettext_noop("There is no product line with the code “%(code)s”."),
            params={"code": code},
            code="unknown",
        )
    return wanted


def _checked_sites(sites: Sequence[str]) -> list[str]:
    found = []
    for text in sites:
        try:
            found.append(origin_from(text))
        except NoSite:
            raise InvalidInput(
                field="sites",
                message=gettext_noop(
                    "“%(text)s” is not the address of a site; write it as https://www.example.com."
                ),
                params={"text": text[:60]},
                code="malformed",
            ) from None
    unique = list(dict.fromkeys(found))
    if len(unique) > MOST_SITES:
        raise InvalidInput(
            field="sites", message=gettext_noop("Name at most 20 sites."), code="too_many"
        )
    return unique


def _checked_page(address: str) -> str:
    if not address:
        return ""
    try:
        return page_from(address)
    except NoSite:
        raise InvalidInput(
            field="go_on_to",
            message=gettext_noop(
                "This is not the address of a page; write it as https://www.example.com/thanks."
            ),
            code="malformed",
        ) from None


def _checked_texts(texts: Mapping[str, FormText]) -> dict[str, dict[str, str]]:
    spoken = [language for language, _ in settings.LANGUAGES if language in texts]
    if not spoken:
        raise InvalidInput(
            field="languages",
            message=gettext_noop("Choose at least one language."),
            code="required",
        )
    for language in spoken:
        for part in ("title", "consent", "thanks"):
            _need(getattr(texts[language], part), field=f"{part}_{language}")
    return {
        language: {
            name: text for name, text in asdict(texts[language]).items() if name != "consent"
        }
        for language in spoken
    }


def _write_consents(form: WebForm, details: FormDetails, by: Actor, at: datetime) -> None:
    """Keep each text that nobody was shown before as a new version, and record that it changed."""
    for language in form.texts:
        text = details.texts[language].consent
        texts = ConsentText.objects.filter(
            manufacturer=form.manufacturer_id, form=form, language=language
        )
        latest = texts.order_by("-version").first()
        if latest is not None and latest.text == text:
            continue
        version = 1 if latest is None else latest.version + 1
        written = ConsentText.objects.create(
            manufacturer_id=form.manufacturer_id,
            form=form,
            language=language,
            version=version,
            label=f"{LABELLED}{form.id.hex[-8:]}-{language}-{version}",
            text=text,
            written_at=at,
        )
        record_change(
            by=by,
            kind="consent_text",
            key=written.id,
            name=written.label,
            before=None if latest is None else {"text": latest.text, "number": latest.version},
            after={"text": text, "number": version},
        )


def _record(
    form: WebForm, by: Actor, *, before: dict[str, Any] | None, names: Sequence[str] = RECORDED
) -> None:
    is_new = before is None
    record_change(
        by=by,
        kind="web_form",
        key=form.id,
        name=form.name,
        before=before,
        after=fields_of(form, *names, *(["source"] if is_new else [])),
    )


def _need(value: str, *, field: str) -> None:
    if not value.strip():
        raise InvalidInput(
            field=field, message=gettext_noop("Please fill this in."), code="required"
        )
