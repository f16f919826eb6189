"""Refusals: what the domain says when it will not do what was asked.

A refusal is an answer, not a failure: it carries a stable code for programs and a sentence for
people. Each concrete refusal lives beside the function that raises it.
"""

from collections.abc import Mapping

from django.utils.translation import gettext, gettext_noop


class Refusal(Exception):
    """What was asked for is understood and not done.

    :cvar code: stable, lower-case, for programs.
    :cvar message: one sentence that may be shown to a person.
    """

    code = "refused"
    message = gettext_noop("This is not possible.")

    def __init__(self, message: str = "", params: Mapping[str, object] | None = None) -> None:
        self.text = message or self.message
        self.params = dict(params or {})
        super().__init__(self.text % self.params if self.params else self.text)

    def in_words(self) -> str:
        """Say it in the language of whoever reads it."""
        words = gettext(self.text)
        return words % self.params if self.params else words


class StateConflict(Refusal):
    """The object is in a state that does not allow it (HTTP 409)."""

    code = "conflict"


class NotAllowed(Refusal):
    """Whoever asks lacks the right to it (HTTP 403)."""

    code = "not_allowed"


class NotVisible(Refusal):
    """There is no such object for whoever asks (HTTP 404)."""

    code = "not_found"
    message = gettext_noop("Not found.")


class InvalidInput(Refusal):
    """A field of what was sent is missing, malformed or names something unknown (HTTP 400).

    :ivar field: path of the field, such as ``contact.phone``.
    """

    code = "invalid"

    def __init__(
        self,
        *,
        field: str,
        message: str,
        code: str = "invalid",
        params: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message, params)
        self.field = field
        self.code = code
