"""The commands behind bin/, by the names that they have there; and `roles`, for containers."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from leadhub.embedded.build import build
from leadhub.embedded.checks import check
from leadhub.embedded.commands import manage
from leadhub.embedded.environment import HELD_BACK
from leadhub.embedded.failures import CannotStart, unusable
from leadhub.embedded.faults import try_faults
from leadhub.embedded.mutants import try_mutants
from leadhub.embedded.roles import BACKUP, Role, ensure_backup_role, ensure_roles_of
from leadhub.embedded.run import Options, run
from leadhub.embedded.services import read_dotenv
from leadhub.embedded.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_DATA = ROOT / ".leadhub"


def main(arguments: Sequence[str]) -> int:
    """Run one command and return the exit status."""
    name, *rest = arguments
    if name in {"run", "test", "mutants", "faults", "build"}:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD_BACK)
    commands = {
        "run": _run,
        "manage": _manage,
        "test": check,
        "mutants": try_mutants,
        "faults": try_faults,
        "build": build,
        "roles": _roles,
    }
    try:
        return commands[name](rest)
    except CannotStart as failure:
        sys.stderr.write(f"{failure}\n")
    except OSError as error:
        sys.stderr.write(f"{unusable(Path(error.filename or ROOT), error)}\n")
    except KeyboardInterrupt:
        return 130
    return 1


def _run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="bin/run", description="Start leadhub with all it needs, in the foreground."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument(
        "--port", default=8000, type=_port_number, help="port to listen on (%(default)s)"
    )
    parser.add_argument(
        "--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="all state (.leadhub)"
    )
    parser.add_argument("--empty", action="store_true", help="load no demo world")
    chosen = parser.parse_args(arguments)
    read_dotenv(ROOT)
    options = Options(
        data=chosen.data.absolute(),
        host=chosen.host,
        port=chosen.port,
        with_demo=not chosen.empty,
    )
    return run(options, Terminal())


def _port_number(word: str) -> int:
    port = int(word)
    if not 0 < port < 2**16:
        raise ValueError
    return port


def _manage(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="bin/manage", description="Run a management command on the state of a directory."
    )
    parser.add_argument(
        "--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="all state (.leadhub)"
    )
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND ...")
    chosen = parser.parse_args(arguments)
    read_dotenv(ROOT)
    return manage(chosen.data.absolute(), chosen.command or ["help"])


def _roles(_arguments: Sequence[str]) -> int:
    """Make the roles that DATABASE_URL and DATABASE_OWNER_URL name, as DATABASE_ADMIN_URL.

    The role for backups is made where BACKUP_PASSWORD gives it a password.
    """
    ensure_roles_of(
        os.environ["DATABASE_ADMIN_URL"],
        owner_url=os.environ["DATABASE_OWNER_URL"],
        runtime_url=os.environ["DATABASE_URL"],
    )
    if password := os.environ.get("BACKUP_PASSWORD"):
        ensure_backup_role(os.environ["DATABASE_ADMIN_URL"], Role(BACKUP, password))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
