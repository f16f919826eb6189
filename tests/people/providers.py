"""A real OpenID provider in a process of its own, and browsers that go there and back."""

import hashlib
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings
from django.test import Client

from leadhub.embedded.node import node_of_machine
from partners.models import SingleSignOn
from partners.single_sign_on import save_connection
from tests.factories import NOON, Network

HERE = Path(__file__).parent / "provider"
CLIENT_ID, SECRET = "leadhub", "provider-secret"
# Whom the tests let log in.
DANA = "dana@acme.example"
PATIENCE = 120  # seconds


@dataclass(frozen=True)
class RunningProvider:
    """A provider that answers."""

    issuer: str

    def name_next(self, **claims: Any) -> None:
        """Say who logs in next."""
        requests.post(f"{self.issuer}/next", json=claims, timeout=5).raise_for_status()


def connect(network: Network, issuer: str, *, domain: str = "acme.example") -> SingleSignOn:
    """Enter a provider."""
    return save_connection(
        issuer=issuer,
        client_id=CLIENT_ID,
        secret=SECRET,
        domain=domain,
        by=network.by,
        at=NOON,
    )


@contextmanager
def provider_for(slug: str) -> Iterator[RunningProvider]:
    """Run a provider that knows the installation as the client of a manufacturer."""
    node = node_of_machine()
    assert node is not None, "Node.js is needed: bin/test finds or installs it."
    port = _free_port()
    back = f"{settings.LEADHUB_BASE_URL}/log-in/with/{slug}/back/"
    command = [*node.node, str(_installed(node.npm)), str(port), CLIENT_ID, SECRET, back]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == b"ready"
            yield RunningProvider(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


def log_in_by(client: Client, slug: str) -> Any:
    """Go to the provider and come back, as a browser would; our answer to that."""
    to = client.get(f"/log-in/with/{slug}/").headers["Location"]
    return come_back(client, ask_provider(to))


def ask_provider(address: str) -> str:
    """Follow a provider's pages to the address by which it sends the browser back."""
    with requests.Session() as browser:
        while urlsplit(address).path.startswith(("/auth", "/interaction")):
            answer = browser.get(address, allow_redirects=False, timeout=5)
            address = urljoin(address, answer.headers["Location"])
    return address


def come_back(client: Client, address: str) -> Any:
    """Open the address by which a provider sends the browser back."""
    parts = urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}")


def _installed(npm: tuple[str, ...]) -> Path:
    """Install the provider once for its lock; nothing of it is kept beside the tests."""
    sources = ("package.json", "package-lock.json", ".npmrc", "provider.js")
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in sources)).hexdigest()
    place = Path(settings.BASE_DIR) / ".leadhub" / "provider" / digest[:16]
    if not (place / "node_modules" / "oidc-provider").exists():
        place.mkdir(parents=True, exist_ok=True)
        for name in sources:
            shutil.copy(HERE / name, place)
        command = [*npm, "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=place, check=True, timeout=PATIENCE, capture_output=True)
    return place / "provider.js"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
