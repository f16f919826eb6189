"""Forms of routing policies: waves as rows, times in the words that people use."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from leadhub.core.errors import InvalidInput
from leadhub.core.pages.durations import DurationField, DurationsField
from leads.matching import STRATEGIES as PRESETS, TERMS
from leads.models import RoutingPolicy
from leads.models.policies import PolicyClock, Strategy
from leads.policies import DEFAULT_WAVES
from partners.models import ProductLine

LONGEST, NONE = timedelta(days=3_650), timedelta(0)
ROUND_THE_EARTH_KM = 20_038
PARTNERS_AT_MOST, WAVES_AT_MOST, DUES_AT_MOST = 1_000, 50, 20
OVERDUE_AT_MOST = 32_767
CLOCKS = [
    (PolicyClock.WALL, _("around the clock")),
    (PolicyClock.WORKING, _("in our working hours")),
]
STRATEGIES = [
    (Strategy.BALANCED, _("Balanced: near, free, and good at it")),
    (Strategy.NEAREST, _("The nearest first")),
    (Strategy.BEST_PERFORMER, _("The best first: who makes most of its leads")),
    (Strategy.ROUND_ROBIN, _("In turn: who was asked longest ago")),
    (Strategy.WEIGHTED, _("By preference: the partners you weigh highest")),
]
# Not a preset, but what the policy itself weighs.
OWN = "OWN"
WEIGHTS = {
    "proximity": _("Short way to the customer"),
    "performance": _("What the partner makes of its leads"),
    "load": _("Free capacity"),
    "rotation": _("Time since it was last asked"),
    "tier": _("Your own preference"),
    "certification": _("Certified higher than needed"),
}
HEAVIEST = 100
WEIGHT = "weight_"


class WaveForm(forms.Form):
    """One wave; a row whose number of partners is emptied is taken away."""

    partners = forms.IntegerField(
        label=_("Partners asked"), required=False, min_value=1, max_value=PARTNERS_AT_MOST
    )
    window = DurationField(
        label=_("Time to answer"),
        required=False,
        longest=LONGEST,
        widget=forms.TextInput({"autocomplete": "off", "placeholder": "1 h"}),
    )
    radius_km = forms.FloatField(
        label=_("Within km"), required=False, min_value=0, max_value=ROUND_THE_EARTH_KM
    )
    head_start = DurationField(
        label=_("Head start of the best"), required=False, shortest=NONE, longest=LONGEST
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
            "response_window": _seconds(sent["window"]),
            "radius_km": sent["radius_km"],
            "head_start": _seconds(sent["head_start"] or NONE),
        }


if TYPE_CHECKING:
    Rows = forms.BaseFormSet[WaveForm]
else:
    Rows = forms.BaseFormSet


class BaseWaves(Rows):
    """The waves of a policy in their order."""

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
    extra=0,
    max_num=WAVES_AT_MOST,
    absolute_max=WAVES_AT_MOST,
)


def waves_form(data: Any = None, *, waves: Sequence[dict[str, Any]] = ()) -> BaseWaves:
    """Make the rows of a policy's waves; without any, those of the first policy of all."""
    initial = [
        {
            "partners": wave["partners"],
            "window": timedelta(seconds=wave["response_window"]),
            "radius_km": _bare(wave.get("radius_km")),
            "head_start": timedelta(seconds=wave.get("head_start", 0)),
        }
        for wave in waves or DEFAULT_WAVES
    ]
    return _Waves(data, initial=initial, prefix="waves")


def with_one_more(waves: BaseWaves) -> BaseWaves:
    """Show the rows once more as they were typed, and an empty one where the typing goes on."""
    typed = [as_typed(form) for form in waves.forms][:WAVES_AT_MOST]
    more = _Waves(initial=[*typed, {}][:WAVES_AT_MOST], prefix="waves")
    more.forms[-1].fields["partners"].widget.attrs["autofocus"] = True
    return more


def with_one_less(waves: BaseWaves, number: int) -> BaseWaves:
    """Show the rows once more as they were typed, without one of them; one at least is left."""
    typed = [as_typed(form) for form in waves.forms]
    kept = typed[:number] + typed[number + 1 :]
    return _Waves(initial=kept or typed, prefix="waves")


def as_typed(form: forms.Form) -> dict[str, Any]:
    """Read what was typed into a form, right or wrong."""
    return {
        name: field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
        for name, field in form.fields.items()
    }


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
        label=_("Who is asked first"),
        choices=[*STRATEGIES, (OWN, _("By weights of your own"))],
        initial=Strategy.BALANCED,
    )
    any_product_line = forms.BooleanField(
        label=_("A partner may sell only one of several product lines asked for"), required=False
    )
    late_answers = forms.BooleanField(
        label=_("Partners may still accept after their time, as long as nobody has the lead"),
        required=False,
        initial=True,
    )
    clock = forms.ChoiceField(
        label=_("Time to answer runs"),
        choices=CLOCKS,
        initial=PolicyClock.WALL,
        help_text=_("Working hours and holidays stand in the set-up, under “Working hours”."),
    )
    contact_window = DurationField(
        label=_("First contact within"),
        longest=LONGEST,
        help_text=_("Counted from acceptance, around the clock."),
    )
    take_back = forms.BooleanField(
        label=_("Take a lead back from a partner who does not call in spite of the reminders"),
        required=False,
    )
    feedback_due = DurationsField(
        label=_("Feedback due after"),
        longest=LONGEST,
        at_most=DUES_AT_MOST,
        help_text=_("Counted from acceptance; several are separated by commas: 24 h, 3 days."),
    )
    feedback_repeat = DurationField(
        label=_("Then every"), shortest=timedelta(minutes=15), longest=LONGEST
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
        typed: dict[str, Any] | None = None,
    ) -> None:
        """Begin with a policy's rules.

        :param has_reach: the policy's reach stays, and is not asked for.
        :param typed: what was typed so far, if the form is to be shown again without a word.
        """
        super().__init__(data, initial=typed or _initial(policy))
        self._preset = policy.strategy
        for term in TERMS:
            self.fields[WEIGHT + term] = forms.FloatField(
                label=WEIGHTS.get(term, term), required=False, min_value=0, max_value=HEAVIEST
            )
        if has_reach:
            del self.fields["product_line"], self.fields["source"]
            return
        lines = self.fields["product_line"]
        assert isinstance(lines, forms.ChoiceField)  # noqa: S101 - declared above
        lines.choices = [
            ("", gettext("All product lines")),
            *((str(line.id), line.name) for line in product_lines),
        ]

    def weights(self) -> list[forms.BoundField]:
        """List the fields of the score's terms."""
        return [self[WEIGHT + term] for term in TERMS]

    def clean(self) -> dict[str, Any]:
        """Ask for something that counts, if the weights are the policy's own."""
        cleaned = super().clean() or {}
        weights = [cleaned.get(WEIGHT + term) for term in TERMS]
        if cleaned.get("strategy") == OWN and not any(weights):
            self.add_error(
                "strategy", _("Give at least one of the weights below a number above 0.")
            )
        return cleaned

    def options(self) -> dict[str, Any]:
        """Write the rules as ``publish_policy`` takes them."""
        sent = dict(self.cleaned_data)
        weights = {term: sent.pop(WEIGHT + term) or 0.0 for term in TERMS}
        weights = {term: weight for term, weight in weights.items() if weight}
        sent["weights"] = weights if sent["strategy"] == OWN else {}
        if sent["strategy"] == OWN:
            sent["strategy"] = self._preset
        sent.pop("product_line", None)
        sent.pop("source", None)
        sent["feedback_due"] = [_seconds(due) for due in sent["feedback_due"]]
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
    weights = policy.weights or PRESETS[policy.strategy]
    return {
        **{WEIGHT + term: _bare(weights.get(term, 0.0)) for term in TERMS},
        "name": policy.name,
        "clock": policy.clock,
        "strategy": OWN if policy.weights else policy.strategy,
        "any_product_line": policy.any_product_line,
        "late_answers": policy.late_answers,
        "contact_window": policy.contact_window,
        "take_back": policy.take_back,
        "feedback_due": [timedelta(seconds=due) for due in policy.feedback_due],
        "feedback_repeat": policy.feedback_repeat,
        "max_overdue_feedback": policy.max_overdue_feedback,
    }


def _seconds(length: timedelta) -> int:
    return round(length.total_seconds())


def _bare(value: float | None) -> float | None:
    """Write whole numbers without decimals, others with two at most."""
    if value is None:
        return None
    return int(value) if value == int(value) else round(value, 2)
