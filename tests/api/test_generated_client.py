"""A client that a generator makes from the document, as an integrator would, and what it can do."""

import base64
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from tests.api.contract import document
from tests.factories import PDF, Network
from tests.snippets import File, read_page

PACKAGE = "made_client"
PAGE, CONFIGURATION = "integrate.md", "openapi-client.yml"


class Generated(NamedTuple):
    """The package that was made, and a client of it with a manufacturer's key."""

    client: Any
    models: Any

    def call(self, module: str, **arguments: Any) -> Any:
        """Call an operation; the whole answer, its body parsed."""
        operation = importlib.import_module(f"{PACKAGE}.api.{module}")
        return operation.sync_detailed(client=self.client, **arguments)

    def lead(self, number: str, **fields: Any) -> Any:
        """The least lead, typed."""
        contact = self.models.ContactInputRequest(email=f"{number}@example.com")
        return self.models.LeadInputRequest(
            **{
                "external_id": number,
                "source": "crm",
                "product_lines": ["heat-pumps"],
                "country": "DE",
                "postal_code": "80331",
                "contact": contact,
                **fields,
            }
        )


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the client from the document of now, as the page tells; no warning is let pass."""
    place = tmp_path_factory.mktemp("client")
    (configuration,) = (
        step.text
        for step in read_page(PAGE)
        if isinstance(step, File) and step.name == CONFIGURATION
    )
    (place / CONFIGURATION).write_text(configuration, encoding="utf-8")
    (place / "openapi.json").write_text(json.dumps(document()), encoding="utf-8")
    made = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"),
            *("--path", "openapi.json", "--config", CONFIGURATION),
            *("--meta", "none", "--output-path", PACKAGE),
        ],
        cwd=place,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    told = made.stdout + made.stderr
    assert made.returncode == 0, told
    assert "warning" not in told.lower(), told
    return place


@pytest.fixture
def network(committed: None) -> Network:
    """A manufacturer with two partners in Munich."""
    made = Network("acme")
    made.partners(2)
    return made


@pytest.fixture
def generated(
    base: str, network: Network, package: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Generated]:
    """Import the package and let it call the server."""
    monkeypatch.syspath_prepend(package)
    made = importlib.import_module(PACKAGE)
    with made.AuthenticatedClient(base, token=network.api_key) as client:
        yield Generated(client, importlib.import_module(f"{PACKAGE}.models"))


def test_every_operation_of_the_document_has_its_function(package: Path) -> None:
    made = {module.stem for module in (package / PACKAGE / "api").glob("*/[!_]*.py")}

    assert made == {
        operation["operationId"]
        for operations in document()["paths"].values()
        for operation in operations.values()
    }


def test_pushes_a_lead_once_and_reads_it(generated: Generated, network: Network) -> None:
    body = generated.lead("CRM-1", temperature=generated.models.TemperatureEnum.HOT)

    first = generated.call("leads.receive_lead", body=body, idempotency_key="lead-CRM-1")
    again = generated.call("leads.receive_lead", body=body, idempotency_key="lead-CRM-1")
    read = generated.call("leads.get_lead", lead_id=first.parsed.id)

    assert (first.status_code, again.status_code, read.status_code) == (201, 201, 200)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.parsed == first.parsed
    assert isinstance(read.parsed.id, UUID)
    assert read.parsed.status is generated.models.LeadStatus.OFFERED
    assert read.parsed.contact.email == "crm-1@example.com"
    assert len(read.parsed.offers) == 2


def test_lists_partners_page_by_page(generated: Generated) -> None:
    first = generated.call("partners.list_partners", page_size=1).parsed
    cursor = parse_qs(urlsplit(first.next_).query)["cursor"][0]
    second = generated.call("partners.list_partners", page_size=1, cursor=cursor).parsed

    found = [*first.results, *second.results]
    assert all(isinstance(one, generated.models.PartnerOutput) for one in found)
    assert len({one.external_id for one in found}) == 2
    assert second.next_ is None


def test_reads_figures(generated: Generated) -> None:
    answer = generated.call("kpis.kpis_read", from_="2026-01-01", to="2100-01-01")

    assert answer.status_code == 200
    assert answer.parsed.total.acceptance_time.target == 3600
    assert answer.parsed.total.picks == 0


def test_follows_the_feed_to_its_end(generated: Generated) -> None:
    for number in range(3):
        generated.call("leads.receive_lead", body=generated.lead(f"CRM-{number}"))

    events, cursor, is_more = [], "", True
    while is_more:
        page = generated.call("events.list_events", after=cursor, page_size=2).parsed
        events += page.results
        cursor, is_more = page.cursor or cursor, page.next_ is not None

    assert [event.type_ for event in events].count("lead.received") == 3
    assert generated.call("events.list_events", after=cursor).parsed.results == []


def test_gets_a_refusal_as_a_typed_answer(generated: Generated) -> None:
    contact = generated.models.ContactInputRequest(phone="call me")
    body = generated.lead("CRM-1", contact=contact)

    answer = generated.call("leads.receive_lead", body=body)

    assert answer.status_code == 400
    assert isinstance(answer.parsed, generated.models.Problem)
    assert answer.parsed.code == "invalid"
    assert [error.field for error in answer.parsed.errors] == ["contact.phone"]


def test_reads_a_file_as_it_is(generated: Generated) -> None:
    document = generated.models.MaterialInputRequest.from_dict(
        {"title": "Prices", "kind": "PRICE_LIST", "language": "de", "file_name": "Prices.pdf"}
        | {"content": base64.b64encode(PDF).decode()}
    )

    material = generated.call("materials.add_material", body=document)
    (version,) = material.parsed.versions
    read = generated.call("materials.read_material_file", version_id=version.id)

    assert read.parsed.payload.read() == PDF


def test_sends_a_file_of_history_by_its_connection(generated: Generated) -> None:
    """The function made for it cannot be called: the generator asks what is a ``list[...]``."""
    rows = (
        "external_id,product_line,country,received_at\nOLD-1,heat-pumps,DE,2025-03-02T08:00:00Z\n"
    )

    connection = generated.client.get_httpx_client()
    answer = connection.post("/api/v1/history/", content=rows, headers={"Content-Type": "text/csv"})

    assert answer.json() == {"stored": 1, "known": 0, "refused": []}
