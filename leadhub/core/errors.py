"""Refusals: what the domain says when it will not do what was asked.

A refusal is an answer, not a failure: it carries a stable code for programs and a sentence for
people. Each concrete refusal lives beside the function that raises it.
"""


class Refusal(Exception):
    """What was asked for is understood and not done.

    :cvar code: stable, lower-case, for programs.
    :cvar message: one sentence that may be shown to a person.
    """

    code = "refused"
    message = "This is not possible."

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.message)


class StateConflict(Refusal):
    """The object is in a state that does not allow it (HTTP 409)."""

    code = "conflict"


class NotVisible(Refusal):
    """There is no such object for whoever asks (HTTP 404)."""

    code = "not_found"
    message = "Not found."


class InvalidInput(Refusal):
    """A field of what was sent is missing, malformed or names something unknown (HTTP 400).

    :ivar field: path of the field, such as ``contact.phone``.
    """

    code = "invalid"

    def __init__(self, *, field: str, message: str, code: str = "invalid") -> None:
        super().__init__(message)
        self.field = field
        self.code = code
