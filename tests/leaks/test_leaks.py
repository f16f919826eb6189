"""No byte crosses tenants or partners: everything tried on every address, by everybody.

Three networks compete, every free text holds a canary, and whatever an address, a query or a body
can name is named by people and programs to whom it is none of their business. A foreign thing is
to be answered like one that does not exist, to the byte.
"""

from collections.abc import Callable

from tests.leaks.actors import Rivals
from tests.leaks.addresses import addresses
from tests.leaks.attack import attack
from tests.leaks.telling import line_of, told_at

# Addresses without a positive control here, each with where they have one.
CONTROLLED_ELSEWHERE = {
    # By chance: whether who is picked is oneself, which is refused.
    "partner-person-remove": "nobody removes themselves; the tests of people remove others",
    **{
        f"link-{name}": "takes a link from a message; the tests of links have one"
        for name in (
            "code",
            "lead",
            "lead-contact",
            "lead-feedback",
            "offer",
            "offer-accept",
            "offer-decline",
        )
    },
    "person-invitation": "asks for a secret from a mail; the tests of people have one",
    "partner-pick-list-pick": "whoever picks is led on, whether the lead was there or not; what "
    "became of it, the pages' own tests look at",
    "health-metrics": "asks for a token, which only its own tests set",
    "health-timers": "without timers everything is late here; its own tests see it in order, too",
}


def test_tells_nobody_what_is_not_theirs(rivals: Rivals, report: Callable[[str], None]) -> None:
    findings = attack(rivals, at_most=2)

    report(line_of("all layers", findings))
    assert told_at(findings) == {}
    assert findings.different == set()
    assert findings.broken == set()
    # What nobody may see would be told to nobody by a server that answers nothing.
    missing = {address.name for address in addresses()} - findings.in_control
    assert missing - CONTROLLED_ELSEWHERE.keys() == set()


def test_every_free_text_holds_a_canary(rivals: Rivals) -> None:
    assert len(rivals.sown) > 30, rivals.sown
