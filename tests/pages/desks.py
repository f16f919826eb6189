"""People of a manufacturer at their desks, who read English."""

import re
from html import unescape
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadhub.core.tenancy.context import system_context
from partners.models import Membership, User
from tests.acting import member
from tests.factories import Network
from tests.pages.acting import logged_in


def at_desk(network: Network, role: str = "ADMIN") -> Client:
    """Sit somebody with this role down at a browser."""
    membership: Membership = member(network, f"{role.lower()}@desk.example", role)
    with system_context("test"):
        User.objects.filter(id=membership.user_id).update(language="en")
    return logged_in(Client(), membership)


def read(client: Client, address: str, *, status: int = 200, **options: Any) -> str:
    """Open a page; its text in one line, with tags."""
    response = client.get(address, **options)
    assert response.status_code == status, (response.status_code, response.headers)
    return text_of(response)


def text_of(response: Any) -> str:
    """Write a page in one line, as a reader sees its characters."""
    return " ".join(unescape(response.content.decode()).split())


def queries_of(client: Client, address: str) -> int:
    """Count what a page asks the database."""
    with CaptureQueriesContext(connection) as queries:
        read(client, address)
    return len(queries)


def form_of(page: str) -> dict[str, Any]:
    """Read a form back as a browser would send it, unchanged."""
    form = page[page.index('<form method="post" novalidate') : page.rindex("</form>")]
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = _attribute(tag, "name"), _attribute(tag, "value")
        if not name or ('type="checkbox"' in tag and " checked" not in tag):
            continue
        if 'type="checkbox"' in tag and value is None:
            value = "on"
        sent.setdefault(name, []).append("" if value is None else value)
    for select in re.finditer(r'<select [^>]*name="([^"]+)".*?</select>', form):
        chosen = re.search(r'<option value="([^"]*)" selected', select[0])
        first = re.search(r'<option value="([^"]*)"', select[0])
        picked = chosen or first
        sent[select[1]] = [picked[1] if picked else ""]
    for area in re.finditer(r'<textarea name="([^"]+)"[^>]*>(.*?)</textarea>', form):
        sent[area[1]] = [area[2].strip()]
    return {name: values if len(values) > 1 else values[0] for name, values in sent.items()}


def _attribute(tag: str, name: str) -> str | None:
    found = re.search(rf' {name}="([^"]*)"', tag)
    return found[1] if found else None
