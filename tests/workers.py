"""Each process of a parallel run gets a database, a broker's keys and a directory of its own.

Loaded before the settings are read, which take these addresses from the environment.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from leadhub.embedded.roles import ensure_roles_of

_DATABASES = ("DATABASE_URL", "DATABASE_OWNER_URL")


def settle_in(worker: str) -> None:
    """Point the environment of this process to what is its alone.

    :param worker: its name, ``gw0``, ``gw1`` and so on.
    """
    for setting in _DATABASES:
        place = urlsplit(os.environ[setting])
        os.environ[setting] = urlunsplit(place._replace(path=f"{place.path}_{worker}"))
    ensure_roles_of(
        os.environ["LEADHUB_TEST_ADMIN_URL"],
        owner_url=os.environ["DATABASE_OWNER_URL"],
        runtime_url=os.environ["DATABASE_URL"],
    )
    number = int(worker.removeprefix("gw")) + 1
    broker = urlsplit(os.environ["REDIS_URL"])
    os.environ["REDIS_URL"] = urlunsplit(broker._replace(path=f"/{number}"))
    directory = Path(os.environ["LEADHUB_DATA"]) / worker
    directory.mkdir(exist_ok=True)
    os.environ["LEADHUB_DATA"] = str(directory)


if name := os.environ.get("PYTEST_XDIST_WORKER"):
    settle_in(name)
