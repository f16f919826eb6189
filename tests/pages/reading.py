"""What somebody reads on a page: its text, the rows of its list, the values of its fields."""

import re
from html import unescape
from typing import Any


def words(response: Any) -> str:
    """Read a page's text as one line."""
    page = re.sub(
        r"<(script|template|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL
    )
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def rows(response: Any) -> list[str]:
    """Read the rows of a page's first table, each as one line."""
    body = response.content.decode().partition("<tbody")[2].partition("</tbody>")[0]
    found = re.findall(r"<tr\b.*?</tr>", body, flags=re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in found]


def field(response: Any, name: str) -> str:
    """Read the value of a form's hidden or written field."""
    match = re.search(rf'<input[^>]*name="{name}"[^>]*>', response.content.decode())
    assert match, f"no field {name}"
    value = re.search(r'value="([^"]*)"', match.group())
    return unescape(value.group(1)) if value else ""
