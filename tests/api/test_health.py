"""Is the process alive, and can it work."""

import pytest
from django.db import connection
from django.test import Client

pytestmark = pytest.mark.usefixtures("committed")


def test_a_live_process_answers_without_the_database(client: Client) -> None:
    assert client.get("/healthz/live").status_code == 200


def test_a_ready_process_has_a_database_that_answers(client: Client) -> None:
    assert client.get("/healthz/ready").status_code == 200


def test_without_a_database_a_process_lives_but_is_not_ready(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")

    live, ready = client.get("/healthz/live"), client.get("/healthz/ready")
    call = client.get("/api/v1/leads/", headers={"Authorization": "Bearer lh_1_2"})

    assert (live.status_code, ready.status_code) == (200, 503)
    assert (call.status_code, call.json()["code"]) == (503, "unavailable")
    assert call.headers["Retry-After"]
