"""One push of a lead is one lead, however often and however fast a program repeats it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.calling import Answer, Caller
from tests.faults.conftest import Figures, Size
from tests.faults.installation import Installation
from tests.faults.networks import Network

AT_ONCE = 100


def push_at_once(network: Network, key: str, body: object) -> list[Answer]:
    """Send the same lead from many programs at the same moment; who is told to wait, repeats."""
    line = threading.Barrier(AT_ONCE)

    def push() -> Answer:
        with Caller(network.port, network.key, is_fresh=True) as program:
            line.wait(60)
            answer = push_once(program, key, body)
            while answer.status == 409:  # another one with this key is being answered
                answer = push_once(program, key, body)
            return answer

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [done.result() for done in [pool.submit(push) for _ in range(AT_ONCE)]]


def push_once(program: Caller, key: str, body: object) -> Answer:
    answer = program.try_to("POST", "leads/", body, {"Idempotency-Key": key})
    assert answer is not None
    return answer


def problems_of_push(installation: Installation, network: Network, number: int) -> list[str]:
    """Push one lead from everywhere at once; say what is not as promised."""
    body, key = network.enquiry(), f"push-{number}"
    answers = push_at_once(network, key, body)
    ((rows,),) = installation.rows(
        "SELECT count(*) FROM leads_lead WHERE external_id = %s", body["external_id"]
    )
    with network.desk() as desk:
        other = push_once(desk, key, network.enquiry())
    first = [answer for answer in answers if "Idempotent-Replayed" not in answer.headers]
    found = {
        f"{rows} rows": rows == 1,
        f"statuses {sorted({answer.status for answer in answers})}": all(
            answer.status == 201 for answer in answers
        ),
        "answers differ": len({answer.body for answer in answers}) == 1,
        f"{len(first)} were answered as the first": len(first) == 1,
        f"another body was answered with {other.status}": other.status == 422,
    }
    return [problem for problem, is_fine in found.items() if not is_fine]


@pytest.mark.promise("P10")
@pytest.mark.timeout(600)
def test_one_push_is_one_lead(installation: Installation, size: Size, figures: Figures) -> None:
    installation.web()
    network = installation.network(dealers=2)
    pushes = size.of(short=2, full=50)

    problems = [problems_of_push(installation, network, number) for number in range(pushes)]

    assert problems == [[]] * pushes
    figures(
        "P10", f"1 row and 1 answer for {AT_ONCE} pushes at once, {pushes} times; other body 422"
    )


@pytest.mark.promise("P10")
@pytest.mark.timeout(300)
def test_notices_pushes_whose_key_is_only_looked_up(
    installation: Installation, figures: Figures
) -> None:
    installation.web("tests.faults.forgetful:application")
    network = installation.network(dealers=2)

    problems = problems_of_push(installation, network, 1)

    assert problems
    figures("P10", f"a planted key that locks nothing: {', '.join(problems)}")
