"""Which database and broker are used: those named by the environment, or embedded ones."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import environ
import psycopg2

from leadhub.embedded import roles, valkey
from leadhub.embedded.account import service_account
from leadhub.embedded.failures import CannotStart
from leadhub.embedded.postgres import DATABASE, Postgres, is_address
from leadhub.embedded.programs import MARK

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from leadhub.embedded.directory import DataDirectory, Secrets

ROOT_SETTINGS = "leadhub.settings"
ADMINISTRATION = "postgres"  # the database that strangers to leadhub's may enter
_NO_PORTS = {"postgres": 0, "valkey": 0}  # nothing has ever listened


@dataclass(frozen=True)
class Services:
    """The two services; an embedded one is None where the environment names another."""

    secrets: Secrets
    postgres: Postgres | None
    valkey: valkey.Valkey | None
    given: Mapping[str, str]

    @property
    def names(self) -> str:
        """Say what is embedded and what is not, for people."""
        database = "" if self.postgres else f" {_place(self.given['DATABASE_URL'])}"
        broker = "Valkey" if self.valkey else f"broker {_place(self.given['REDIS_URL'])}"
        return f"PostgreSQL{database}, {broker}"

    def ensure_roles(self) -> dict[str, str]:
        """Make the roles where that is ours to do; return the addresses as settings.

        :raises CannotStart: if the database cannot be reached or used.
        """
        try:
            return self._ensure_roles()
        except psycopg2.OperationalError as error:
            raise unreachable(self.given.get("DATABASE_URL", ""), error) from error
        except psycopg2.Error as error:
            reason = str(error).strip().split("\n")[0]
            msg = (
                f"The database refuses what leadhub needs: {reason}. "
                "Let an administrator of it make the roles (docs/operating.md), or start leadhub "
                "without DATABASE_URL to use its own."
            )
            raise CannotStart(msg) from error

    def addresses(self) -> dict[str, str]:
        """Return the addresses without touching the database."""
        found = {"REDIS_URL": self.valkey.url if self.valkey else self.given["REDIS_URL"]}
        if self.postgres:
            found |= {
                "DATABASE_URL": self.postgres.url(roles.RUNTIME, self.secrets.app),
                "DATABASE_OWNER_URL": self.postgres.url(roles.OWNER, self.secrets.owner),
            }
        elif "DATABASE_OWNER_URL" in self.given:
            found |= {name: self.given[name] for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}
        else:
            url = self.given["DATABASE_URL"]
            found |= {
                "DATABASE_URL": roles.with_role(url, self._runtime),
                "DATABASE_OWNER_URL": roles.with_role(url, self._owner),
            }
        return found

    def backup_address(self) -> dict[str, str]:
        """Return the address for backups, for those processes alone that make some."""
        if self.postgres is None:
            return {}  # the environment names one, or there is none
        url = self.postgres.url(roles.BACKUP, self.secrets.backup, database=ADMINISTRATION)
        return {"DATABASE_BACKUP_URL": url}

    def _ensure_roles(self) -> dict[str, str]:
        addresses = self.addresses()
        if self.postgres:
            roles.ensure_roles(
                self.postgres.admin_url,
                database=DATABASE,
                owner=self._owner,
                runtime=self._runtime,
            )
            backup = roles.Role(roles.BACKUP, self.secrets.backup)
            roles.ensure_backup_role(self.postgres.admin_url, backup)
        elif "DATABASE_OWNER_URL" in self.given:
            runtime = roles.role_of(addresses["DATABASE_URL"])
            roles.grant_to_runtime(addresses["DATABASE_OWNER_URL"], runtime=runtime)
        else:
            self._make_roles_elsewhere()
        if roles.can_bypass_row_security(addresses["DATABASE_URL"]):
            msg = (
                f"The role {roles.role_of(addresses['DATABASE_URL'])} of DATABASE_URL can bypass "
                "row level security, which keeps tenants apart: name a role that is no superuser "
                "and has no BYPASSRLS."
            )
            raise CannotStart(msg)
        return addresses

    def _make_roles_elsewhere(self) -> None:
        url = self.given["DATABASE_URL"]
        if not roles.can_create_roles(url):
            msg = (
                f"DATABASE_URL names the role {roles.role_of(url)} but no owner of the tables: set "
                "DATABASE_OWNER_URL to a second role that owns the database, or DATABASE_URL to "
                "a role that may create roles, so that leadhub makes both."
            )
            raise CannotStart(msg)
        roles.ensure_roles(
            url,
            database=urlsplit(url).path.removeprefix("/"),
            owner=self._owner,
            runtime=self._runtime,
            may_reset_passwords=False,
        )

    @property
    def _owner(self) -> roles.Role:
        return roles.Role(roles.OWNER, self.secrets.owner)

    @property
    def _runtime(self) -> roles.Role:
        return roles.Role(roles.RUNTIME, self.secrets.app)


def choose_services(directory: DataDirectory, *, durable: bool = True) -> Services:
    """Choose by the environment; embedded servers get ports that are free now.

    :raises CannotStart: if the environment names something that is no address.
    """
    given = _given_addresses()
    secrets = directory.secrets()
    embedded = [
        name
        for name, setting in (("postgres", "DATABASE_URL"), ("valkey", "REDIS_URL"))
        if setting not in given
    ]
    ports = directory.claim_ports(*embedded)
    return _services(directory, secrets=secrets, ports=ports, given=given, durable=durable)


def running_services(directory: DataDirectory) -> Services:
    """Describe the services that `bin/run` keeps running with this directory."""
    return _services(
        directory,
        secrets=directory.secrets(),
        ports=_NO_PORTS | directory.kept_ports(),
        given=_given_addresses(),
    )


def _services(
    directory: DataDirectory,
    *,
    secrets: Secrets,
    ports: Mapping[str, int],
    given: Mapping[str, str],
    durable: bool = True,
) -> Services:
    account = service_account()
    postgres = broker = None
    if "DATABASE_URL" not in given:
        postgres = Postgres(
            place=directory.postgres,
            log=directory.log_of("postgres"),
            port=ports["postgres"],
            password=secrets.postgres,
            account=account,
            durable=durable,
        )
    if "REDIS_URL" not in given:
        broker = valkey.Valkey(
            settings=directory.state / "valkey.conf",
            log=directory.log_of("valkey"),
            port=ports["valkey"],
            password=secrets.valkey,
            account=account,
        )
    return Services(secrets=secrets, postgres=postgres, valkey=broker, given=given)


def _given_addresses() -> dict[str, str]:
    names = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
    given = {name: os.environ[name] for name in names if os.environ.get(name)}
    for name, url in given.items():
        if name.startswith("DATABASE") and not is_address(url):
            msg = f"{name} is no address of a PostgreSQL database: postgres://role:word@host/name"
            raise CannotStart(msg)
        if name == "REDIS_URL" and not url.startswith(("redis://", "rediss://", "unix://")):
            msg = "REDIS_URL is no address of a Redis or Valkey server: redis://host:6379/0"
            raise CannotStart(msg)
    if "DATABASE_OWNER_URL" in given and "DATABASE_URL" not in given:
        msg = "DATABASE_OWNER_URL is set without DATABASE_URL: set both, or neither."
        raise CannotStart(msg)
    return given


def unreachable(url: str, error: Exception) -> CannotStart:
    """Build the refusal for a database that does not answer."""
    reason = str(error).strip().split("\n")[0].rsplit(": ", 1)[-1].strip()
    where = _place(url) if url else "of the data directory"
    return CannotStart(
        f"The database {where} cannot be reached ({reason}): "
        "start it or correct DATABASE_URL, then start again."
    )


def read_dotenv(root: Path) -> None:
    """Take settings from `.env` in the checkout; the environment has the last word."""
    if (root / ".env").is_file():
        environ.Env.read_env(root / ".env")


def settings_environment(
    directory: DataDirectory, services: Services, *, base_url: str, hosts: str = ""
) -> dict[str, str]:
    """Return the environment in which the product runs on these services."""
    kept = dict(os.environ)
    chosen = {
        "DJANGO_SETTINGS_MODULE": ROOT_SETTINGS,
        "SECRET_KEY": kept.get("SECRET_KEY") or services.secrets.secret_key,
        "LEADHUB_DATA": str(directory.root),
        "LEADHUB_BASE_URL": kept.get("LEADHUB_BASE_URL") or base_url,
        "PYTHONUNBUFFERED": "1",
    }
    if hosts and not kept.get("ALLOWED_HOSTS"):
        chosen["ALLOWED_HOSTS"] = hosts
    kept.pop(MARK, None)
    return kept | chosen | services.addresses()


def _place(url: str) -> str:
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"at {parts.hostname or 'localhost'}{port}"
