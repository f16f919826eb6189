"""Forms of routing policies: waves as rows, windows in minutes, hours and days."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from leadhub.core.errors import InvalidInput
from leads.models import RoutingPolicy
from leads.models.policies import Strategy
from leads.policies import DEFAULT_WAVES
from partners.models import ProductLine

MINUTE, HOUR, DAY = 60, 3_600, 86_400
LONGEST_DAYS = 3_650
LONGEST_MINUTES = LONGEST_DAYS * DAY // MINUTE
ROUND_THE_EARTH_KM = 20_038
PARTNERS_AT_MOST, WAVES_AT_MOST, DUES_AT_MOST = 1_000, 50, 20
OVERDUE_AT_MOST = 32_767
SPARE_ROWS = 2
STRATEGIES = [
    (Strategy.BALANCED, _("Balanced: near, free, and good at it")),
    (Strategy.NEAREST, _("The nearest first")),
]


class WaveForm(forms.Form):
    """One wave; a row whose number of partners is emptied is taken away."""

    partners = forms.IntegerField(
        label=_("Partners asked"), required=False, min_value=1, max_value=PARTNERS_AT_MOST
    )
    window = forms.FloatField(
        label=_("Minutes to answer"), required=False, min_value=0.1, max_value=LONGEST_MINUTES
    )
    radius_km = forms.FloatField(
        label=_("Within km"), required=False, min_value=0, max_value=ROUND_THE_EARTH_KM
    )
    head_start = forms.FloatField(
        label=_("Head start, minutes"), required=False, min_value=0, max_value=LONGEST_MINUTES
    )

    def clean(self) -> dict[str, Any]:
        """Ask for what a wave needs, in a row that says anything."""
        cleaned = super().clean() or {}
        if cleaned.get("partners"):
            self._need("window", cleaned, _("How long may they think about it?"))
        elif self.has_changed() and not self.initial:
            self._need("partners", cleaned, _("How many partners are asked?"))
        return cleaned

    def _need(self, name: str, cleaned: dict[str, Any], words: Any) -> None:
        if cleaned.get(name) is None and name not in self.errors:
            self.add_error(name, words)

    def rule(self) -> dict[str, Any] | None:
        """Write the wave as a policy holds it; ``None`` for an empty row."""
        sent = self.cleaned_data
        if not sent.get("partners"):
            return None
        return {
            "partners": sent["partners"],
            "response_window": max(round(sent["window"] * MINUTE), 1),
            "radius_km": sent["radius_km"],
            "head_start": round((sent["head_start"] or 0) * MINUTE),
        }


if TYPE_CHECKING:
    Rows = forms.BaseFormSet[WaveForm]
else:
    Rows = forms.BaseFormSet


class BaseWaves(Rows):
    """The waves of a policy in their order, with spare rows at the end."""

    def clean(self) -> None:
        """Refuse a policy that would ask nobody."""
        if not any(self.errors) and not self.rules():
            raise ValidationError(_("A rule needs at least one round."))

    def rules(self) -> list[dict[str, Any]]:
        """Write the waves as a policy holds them."""
        return [rule for form in self.forms if (rule := form.rule())]

    def note(self, number: int, name: str, words: str) -> None:
        """Show what the domain says of the wave with this number, counted without empty rows."""
        kept = [form for form in self.forms if form.rule()]
        kept[number].add_error(name if name in kept[number].fields else None, words)


_Waves: type[BaseWaves] = forms.formset_factory(  # type: ignore[assignment]
    WaveForm,
    formset=BaseWaves,
    extra=SPARE_ROWS,
    max_num=WAVES_AT_MOST,
    absolute_max=WAVES_AT_MOST,
)


def waves_form(data: Any = None, *, waves: Sequence[dict[str, Any]] = ()) -> BaseWaves:
    """Make the rows of a policy's waves; without any, those of the first policy of all."""
    initial = [
        {
            "partners": wave["partners"],
            "window": _bare(wave["response_window"] / MINUTE),
            "radius_km": _bare(wave.get("radius_km")),
            "head_start": _bare(wave.get("head_start", 0) / MINUTE),
        }
        for wave in waves or DEFAULT_WAVES
    ]
    return _Waves(data, initial=initial, prefix="waves")


class HoursField(forms.CharField):
    """Several lengths of time in hours, such as ``24, 72``; they become seconds."""

    def to_python(self, value: Any) -> Any:
        """Read the hours."""
        text = super().to_python(value) or ""
        try:
            seconds = [
                round(float(part) * HOUR)
                for part in text.replace(";", ",").split(",")
                if part.strip()
            ]
        except (ValueError, OverflowError) as error:
            raise ValidationError(
                _("Give hours as numbers, separated by commas: 24, 72.")
            ) from error
        if (
            not all(0 < each <= LONGEST_DAYS * DAY for each in seconds)
            or len(seconds) > DUES_AT_MOST
        ):
            raise ValidationError(_("Give hours as numbers, separated by commas: 24, 72."))
        return seconds


class PolicyForm(forms.Form):
    """A routing policy but its waves.

    :ivar product_line: id of the line it is for, with ``source`` its reach; once published, a
        policy keeps its reach.
    """

    name = forms.CharField(label=_("Name"), max_length=120)
    product_line = forms.ChoiceField(label=_("For the product line"), required=False)
    source = forms.CharField(
        label=_("For leads from the source"),
        required=False,
        max_length=60,
        help_text=_("As leads name it, such as website. Left empty, it holds for every source."),
    )
    strategy = forms.ChoiceField(
        label=_("Who is asked first"), choices=STRATEGIES, initial=Strategy.BALANCED
    )
    any_product_line = forms.BooleanField(
        label=_("A partner may sell only one of several product lines asked for"), required=False
    )
    late_answers = forms.BooleanField(
        label=_("Partners may still accept after their time, as long as nobody has the lead"),
        required=False,
        initial=True,
    )
    contact_window = forms.FloatField(
        label=_("Minutes to the first contact"), min_value=0.1, max_value=LONGEST_MINUTES
    )
    feedback_due = HoursField(
        label=_("Feedback due after, in hours"),
        max_length=200,
        help_text=_("Counted from acceptance; several are separated by commas: 24, 72."),
    )
    feedback_repeat = forms.FloatField(
        label=_("Then every so many days"), min_value=0.01, max_value=LONGEST_DAYS
    )
    max_overdue_feedback = forms.IntegerField(
        label=_("Overdue feedback allowed"),
        min_value=0,
        max_value=OVERDUE_AT_MOST,
        help_text=_("A partner with more of it is offered nothing new until it has caught up."),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        product_lines: Iterable[ProductLine],
        policy: RoutingPolicy,
        has_reach: bool,
    ) -> None:
        """Begin with a policy's rules.

        :param has_reach: the policy's reach stays, and is not asked for.
        """
        super().__init__(data, initial=_initial(policy))
        if has_reach:
            del self.fields["product_line"], self.fields["source"]
            return
        lines = self.fields["product_line"]
        assert isinstance(lines, forms.ChoiceField)  # noqa: S101 - declared above
        lines.choices = [
            ("", gettext("All product lines")),
            *((str(line.id), line.name) for line in product_lines),
        ]

    def options(self) -> dict[str, Any]:
        """Write the rules as ``publish_policy`` takes them."""
        sent = dict(self.cleaned_data)
        sent.pop("product_line", None)
        sent.pop("source", None)
        sent["contact_window"] = timedelta(minutes=sent["contact_window"])
        sent["feedback_repeat"] = timedelta(days=sent["feedback_repeat"])
        return sent

    def reach(self) -> dict[str, Any]:
        """Tell for which leads it is to hold."""
        return {
            "product_line_id": self.cleaned_data["product_line"] or None,
            "source": self.cleaned_data["source"].strip() or None,
        }


def note_refusal(form: PolicyForm, waves: BaseWaves, refusal: InvalidInput) -> None:
    """Show what the domain says where it belongs: at a wave, at a field, or above the form."""
    head, _dot, rest = refusal.field.partition(".")
    number, _dot, name = rest.partition(".")
    if head == "waves" and number.isdigit():
        waves.note(int(number), name, refusal.in_words())
    else:
        form.add_error(head if head in form.fields else None, refusal.in_words())


def _initial(policy: RoutingPolicy) -> dict[str, Any]:
    return {
        "name": policy.name,
        "strategy": policy.strategy,
        "any_product_line": policy.any_product_line,
        "late_answers": policy.late_answers,
        "contact_window": _bare(policy.contact_window.total_seconds() / MINUTE),
        "feedback_due": ", ".join(str(_bare(due / HOUR)) for due in policy.feedback_due),
        "feedback_repeat": _bare(policy.feedback_repeat.total_seconds() / DAY),
        "max_overdue_feedback": policy.max_overdue_feedback,
    }


def _bare(value: float | None) -> float | None:
    """Write whole numbers without decimals, others with two at most."""
    if value is None:
        return None
    return int(value) if value == int(value) else round(value, 2)
