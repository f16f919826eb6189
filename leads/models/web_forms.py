"""Forms that a manufacturer puts on its own sites, and the texts that customers agree to there."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leadhub.core.tenancy.models import TenantModel, tenant_foreign_key
from leads.models.leads import Temperature


class AskedField(models.TextChoices):
    """What a form may ask for, beside where the customer is and what is wanted."""

    FIRST_NAME = "first_name", _("First name")
    LAST_NAME = "last_name", _("Last name")
    COMPANY = "company", _("Company")
    EMAIL = "email", _("E-mail address")
    PHONE = "phone", _("Phone")
    STREET = "street", _("Street and number")
    CITY = "city", _("Town")
    WISH = "wish", _("Message")


class WebForm(TenantModel):
    """A form that anybody may fill in; its id is its public address.

    :ivar source: of the leads that come by it; it never changes, for it makes a sending unique.
    :ivar product_lines: codes of those that may be chosen, in the order in which they are shown.
    :ivar country: the one that is chosen to begin with.
    :ivar asks: values of ``AskedField``; ``insists_on`` are those that must not be left empty.
    :ivar sites: origins (``https://www.example.com``) whose pages may show it in a frame.
    :ivar go_on_to: an address that the last page leads on to; empty is none.
    :ivar texts: language -> ``title``, ``intro``, ``thanks``; the languages that it speaks.
    :ivar closed_at: since when it takes nothing.
    """

    name = models.CharField(max_length=80)
    source = models.CharField(max_length=60)
    product_lines = ArrayField(models.CharField(max_length=60))
    country = models.CharField(max_length=2)
    asks = ArrayField(models.CharField(max_length=10, choices=AskedField.choices))
    insists_on = ArrayField(
        models.CharField(max_length=10, choices=AskedField.choices), default=list, blank=True
    )
    temperature = models.CharField(max_length=4, choices=Temperature.choices)
    is_test = models.BooleanField(default=False)
    sites = ArrayField(models.CharField(max_length=270), default=list, blank=True)
    go_on_to = models.CharField(max_length=300, blank=True, default="")
    texts = models.JSONField()
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(asks__overlap=["email", "phone"]),
                name="a_form_asks_how_to_reach_the_customer",
            )
        ]
        indexes = [
            # The list of forms.
            models.Index(fields=["manufacturer", "name", "id"], name="web_form_by_name")
        ]

    def __str__(self) -> str:
        return self.name


class ConsentText(TenantModel):
    """What customers agree to on a form: written once, never changed; another text is a version.

    :ivar label: how ``LeadConsent.text_version`` names it.
    """

    form = tenant_foreign_key("leads.WebForm")
    language = models.CharField(max_length=2)
    version = models.PositiveIntegerField()
    label = models.CharField(max_length=60)
    text = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            # Serves the look-up of the text that the customer of a lead agreed to.
            models.UniqueConstraint(
                fields=["manufacturer", "label"], name="one_consent_text_per_label"
            ),
            # Serves the look-up of the texts of a form, the latest first.
            models.UniqueConstraint(
                fields=["manufacturer", "form", "language", "version"],
                name="one_consent_text_per_version",
            ),
        ]

    def __str__(self) -> str:
        return self.label
