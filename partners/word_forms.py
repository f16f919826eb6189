"""Forms of the words that a manufacturer gives a meaning to: product lines and levels."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

CODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}\Z")
HIGHEST_RANK = 1_000


def code_field(help_text: Any) -> forms.CharField:
    """Ask for a short name for programs."""
    return forms.CharField(
        label=_("Code"),
        max_length=60,
        help_text=help_text,
        validators=[
            RegexValidator(CODE, _("Use 1 to 60 letters, digits, dots, dashes and underscores."))
        ],
        widget=forms.TextInput(
            {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
        ),
    )


class WordForm(forms.Form):
    """A word that a manufacturer gives a meaning to; its code is given once.

    :ivar others: the words of its kind that there are beside it.
    """

    kept: tuple[str, ...] = ("name",)

    def __init__(
        self, data: Any = None, *, others: Iterable[Any] = (), word: Any | None = None
    ) -> None:
        initial = {name: getattr(word, name) for name in self.kept} if word else None
        super().__init__(data, initial=initial)
        self.others = others
        if word is not None:
            del self.fields["code"]

    def details(self) -> dict[str, Any]:
        """Tell what the domain is to keep."""
        return {
            name: self.cleaned_data[name] for name in ("code", *self.kept) if name in self.fields
        }


class ProductLineForm(WordForm):
    """What a product line is called."""

    name = forms.CharField(label=_("Name"), max_length=120)
    code = code_field(_("For programs, such as heat-pumps; it stays."))


class LevelForm(WordForm):
    """What a certification level is called, and how high it is.

    :ivar equal_rank: the rank that was warned of, for another level has it; sent again, it counts.
    """

    kept = ("name", "rank")
    name = forms.CharField(label=_("Name"), max_length=120)
    code = code_field(_("For programs, such as gold; it stays."))
    rank = forms.IntegerField(
        label=_("Rank"),
        min_value=-HIGHEST_RANK,
        max_value=HIGHEST_RANK,
        initial=1,
        help_text=_(
            "The higher, the better qualified. A changed rank holds at once for every partner "
            "that has the level."
        ),
    )
    equal_rank = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Warn once of a rank that another level has."""
        given = super().clean() or {}
        rank = given.get("rank")
        if rank is None or rank in (given.get("equal_rank"), self.initial.get("rank")):
            return given
        equals = [other.name for other in self.others if other.rank == rank]
        if equals:
            self.data = {**dict(self.data.items()), "equal_rank": rank}
            words = _(
                "“%(level)s” has this rank too, so the two count as equally high. "
                "Choose another rank, or save once more if that is meant."
            )
            self.add_error("rank", ValidationError(words, "equal", {"level": equals[0]}))
        return given
