"""What the pages that write a policy share: its forms, a row more or less, and what is wrong."""

from typing import Any

from django.http import HttpResponse

from leadhub.core.actors import Actor
from leadhub.core.errors import InvalidInput
from leadhub.core.pages.answers import show
from leadhub.core.pages.mistakes import focus_first_mistake
from leads.policy_forms import (
    PolicyForm,
    as_typed,
    note_refusal,
    waves_form,
    with_one_less,
    with_one_more,
)
from partners.decorators import PersonRequest
from partners.selectors import product_lines_visible_to

# The buttons that ask for a row more, and for one less (its value is the number of the row).
WANTS_MORE, WANTS_LESS = "add_round", "drop_round"
# The button that keeps what was written without letting it hold.
WANTS_DRAFT = "save_draft"


class Writing:
    """A policy's forms over what was sent, if anything was.

    :ivar basis: the policy that the forms begin with.
    :ivar has_reach: the policy's reach stays, and is not asked for.
    """

    def __init__(self, request: PersonRequest, basis: Any, *, has_reach: bool) -> None:
        sent = request.POST if request.method == "POST" else None
        self.request, self.basis, self.has_reach = request, basis, has_reach
        self.form = self._form(sent)
        self.waves = waves_form(sent, waves=basis.waves)

    @property
    def actor(self) -> Actor:
        """Who writes."""
        return self.request.person.at_desk

    @property
    def changes_rows(self) -> bool:
        """Tell whether a row is to be added or taken away, and nothing else."""
        return WANTS_MORE in self.request.POST or WANTS_LESS in self.request.POST

    @property
    def wants_draft(self) -> bool:
        """Tell whether it is to be kept without holding."""
        return WANTS_DRAFT in self.request.POST

    def change_rows(self) -> None:
        """Show what was typed so far with a row more or less; nothing is looked at yet."""
        self.form = self._form(None, typed=as_typed(self.form))
        number = self.request.POST.get(WANTS_LESS, "")
        if number.isdecimal():
            self.waves = with_one_less(self.waves, int(number))
        else:
            self.waves = with_one_more(self.waves)

    def is_valid(self) -> bool:
        """Check both forms, so that everything wrong is said at once."""
        return all([self.form.is_valid(), self.waves.is_valid()])

    def rules(self) -> dict[str, Any]:
        """Write what was sent as the domain takes it."""
        return {"waves": self.waves.rules(), **self.form.options()}

    def note(self, refusal: InvalidInput) -> None:
        """Show what the domain says where it belongs."""
        note_refusal(self.form, self.waves, refusal)

    def ask(self, **more: Any) -> HttpResponse:
        """Show the forms."""
        form, waves = self.form, self.waves
        focus_first_mistake(form, *waves)
        is_wrong = bool(form.errors) or (waves.is_bound and waves.total_error_count() > 0)
        context = {
            "place": "set-up",
            "form": form,
            "waves": waves,
            "policy": None,
            "holding": None,
            "draft": None,
            "action": self.request.path,
            **more,
        }
        status = 422 if is_wrong else 200
        return show(self.request, "leads/policies/form.html", context, status=status)

    def _form(self, sent: Any, *, typed: dict[str, Any] | None = None) -> PolicyForm:
        lines = product_lines_visible_to(self.actor).order_by("name", "code")
        return PolicyForm(
            sent, product_lines=lines, policy=self.basis, has_reach=self.has_reach, typed=typed
        )
