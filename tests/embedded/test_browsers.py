"""The browsers for the tests of pages are installed where that is possible, else asked for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from leadhub.embedded.browsers import CHROMIUM, FIREFOX, ensure_browsers, is_needed

if TYPE_CHECKING:
    import io
    from pathlib import Path

    from leadhub.embedded.steps import Steps
    from tests.embedded.conftest import Programs

# Stand for Debian's installer: one installs what it is asked for, beside itself.
INSTALLS = """
if "install" in sys.argv:
    for package in sys.argv[sys.argv.index("--no-install-recommends") + 1:]:
        browser = Path(__file__).with_name(package)
        browser.touch()
        browser.chmod(0o755)
"""
FAILS = "sys.exit('Could not resolve the archive')"
ENV = "os.execv(os.environ['PATH'] + '/' + sys.argv[2], sys.argv[2:])"


@pytest.fixture
def _as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)


@pytest.mark.usefixtures("_as_root")
def test_they_are_installed_where_there_is_none(programs: Programs, steps: Steps) -> None:
    programs.put("env", ENV)
    programs.put("apt-get", INSTALLS)

    ensure_browsers(steps)

    assert CHROMIUM.find() == str(programs.place / "chromium")
    assert FIREFOX.find() == str(programs.place / "firefox-esr")


@pytest.mark.usefixtures("_as_root")
def test_only_the_one_is_installed_that_is_missing(
    programs: Programs, steps: Steps, shown: io.StringIO
) -> None:
    programs.put("env", ENV)
    programs.put("apt-get", INSTALLS)
    programs.put("google-chrome", "")

    ensure_browsers(steps)

    assert CHROMIUM.find() == str(programs.place / "google-chrome")
    assert FIREFOX.find() == str(programs.place / "firefox-esr")
    assert "Chromium" not in shown.getvalue()


def test_nothing_is_installed_where_there_are_both(
    programs: Programs, steps: Steps, shown: io.StringIO
) -> None:
    programs.put("chromium", "")
    programs.put("firefox", "")
    programs.put("apt-get", INSTALLS)

    ensure_browsers(steps)

    assert shown.getvalue() == ""
    assert not steps.log.exists()


@pytest.mark.usefixtures("_as_root")
def test_a_failing_installation_says_where_its_reason_stands(
    programs: Programs, steps: Steps, shown: io.StringIO
) -> None:
    programs.put("env", ENV)
    programs.put("apt-get", FAILS)

    ensure_browsers(steps)

    assert "could not be installed" in shown.getvalue()
    assert str(steps.log) in shown.getvalue()
    assert "Could not resolve the archive" in steps.log.read_text()
    assert "✓" not in shown.getvalue()


@pytest.mark.usefixtures("programs")
def test_a_machine_without_debians_installer_is_told_what_to_install(
    steps: Steps, shown: io.StringIO
) -> None:
    ensure_browsers(steps)

    for package in ("chromium", "firefox-esr"):
        assert f"apt-get install --no-install-recommends {package}" in shown.getvalue()


def test_an_account_without_rights_is_told_what_to_install(
    programs: Programs, steps: Steps, shown: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    programs.put("apt-get", INSTALLS)
    programs.put("sudo", "sys.exit(1)")

    ensure_browsers(steps)

    assert CHROMIUM.find() is None
    assert "apt-get install --no-install-recommends chromium" in shown.getvalue()


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        ((), True),
        (("-k", "accept"), True),
        (("tests",), True),
        (("tests/browser",), True),
        (("tests/browser/test_pages.py::test_it",), True),
        (("tests/leads", "-k", "accept"), False),
        (("tests/leads", "tests/browser"), True),
    ],
)
def test_it_is_asked_for_when_tests_of_pages_may_run(
    arguments: tuple[str, ...],
    needed: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    for name in ("browser", "leads"):
        (tmp_path / "tests" / name).mkdir(parents=True)
    (tmp_path / "tests" / "browser" / "test_pages.py").touch()

    assert is_needed(arguments, root=tmp_path) is needed
