"""`demo.json`: what programs and people need to enter the demo world."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from leadhub.demo.network import Network
from leadhub.demo.people import Login, People

Description = dict[str, Any]


def describe(network: Network, people: People) -> Description:
    """Describe a manufacturer, with the only copy of its keys and passwords."""
    return {
        "slug": network.manufacturer.slug,
        "name": network.manufacturer.name,
        "api_key": network.api_key,
        "users": describe_people(network.staff, people),
        "partners": [
            {
                "id": str(member.partner.id),
                "external_id": member.partner.external_id,
                "name": member.partner.name,
                "city": member.partner.city,
                "api_key": member.api_key,
                "users": describe_people(member.people, people),
            }
            for member in network.members
        ],
    }


def describe_people(logins: Sequence[Login], people: People) -> list[dict[str, str]]:
    """Describe who may log in, by which password and, if they have one, which authenticator."""
    described = []
    for login in logins:
        user = {
            "email": login.email,
            "password": people.passwords[login.email],
            "role": str(login.role),
        }
        if login.email in people.secrets:
            user["totp_secret"] = people.secrets[login.email]
        described.append(user)
    return described


def read_description(path: Path) -> Description | None:
    """Read the file back; ``None`` if there is none, or none that makes sense."""
    try:
        description = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return description if isinstance(description, dict) and "manufacturers" in description else None


def write_description(path: Path, description: Mapping[str, Any]) -> None:
    """Write the file for its owner's eyes only; readers find the old one or the whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.touch(mode=0o600)
        unfinished.write_text(f"{json.dumps(description, ensure_ascii=False, indent=2)}\n", "utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
