"""Styles and scripts are built exactly when something they are made from has changed."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from leadhub.embedded.assets import digest_of_sources, ensure_assets, is_built, publish
from leadhub.embedded.failures import CannotStart

if TYPE_CHECKING:
    from pathlib import Path

    from leadhub.embedded.steps import Steps
    from tests.embedded.conftest import Programs

STYLES = """
@import "tailwindcss" source(none);
@source "../../templates";
@source '../../leads/tags/*.py';
"""
# Stands for Node.js: as the build it leaves a file that tells how often it ran.
NODE = """
if sys.argv[1:] == ["--version"]:
    print("v22.20.0")
else:
    made = Path(sys.argv[3]) / "dist.new"
    made.mkdir()
    count = Path(__file__).with_name("builds")
    count.write_text(count.read_text() + "." if count.exists() else ".")
    (made / "manifest.json").write_text(f"build {len(count.read_text())}")
    (made / "app.css").write_text("p { color: red }" * 100)
"""
NPM = "(Path(sys.argv[3]) / 'node_modules').mkdir(exist_ok=True)"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one of everything that the build reads."""
    root = tmp_path / "checkout"
    for name, text in (
        ("assets/package.json", "{}"),
        ("assets/package-lock.json", "{}"),
        ("assets/vite.config.js", "export default {}"),
        ("assets/scripts/app.js", "import '../styles/app.css'"),
        ("assets/styles/app.css", STYLES),
        ("templates/base.html", "<p class='p-4'>"),
        ("leads/tags/shown.py", "CLASSES = 'p-8'"),
        ("leads/routing.py", "pass"),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture
def tools(programs: Programs) -> Programs:
    """Programs that stand for Node.js and its package manager."""
    programs.put("node", NODE)
    programs.put("npm", NPM)
    return programs


def builds(tools: Programs) -> int:
    return len((tools.place / "builds").read_text())


@pytest.mark.parametrize(
    "name",
    [
        "assets/package-lock.json",
        "assets/vite.config.js",
        "assets/scripts/app.js",
        "assets/scripts/charts.js",
        "assets/styles/app.css",
        "templates/base.html",
        "templates/leads/offer.html",
        "leads/tags/shown.py",
    ],
)
def test_a_changed_source_asks_for_a_build(checkout: Path, name: str) -> None:
    before = digest_of_sources(checkout / "assets")

    (checkout / name).parent.mkdir(exist_ok=True)
    (checkout / name).write_text("changed")

    assert digest_of_sources(checkout / "assets") != before


@pytest.mark.parametrize(
    "name",
    [
        "leads/routing.py",
        "leads/tags/__pycache__/shown.pyc",
        "assets/dist/app.js",
        "assets/node_modules/vite/index.js",
        "assets/.lock",
    ],
)
def test_what_is_no_source_asks_for_none(checkout: Path, name: str) -> None:
    before = digest_of_sources(checkout / "assets")

    (checkout / name).parent.mkdir(parents=True, exist_ok=True)
    (checkout / name).write_text("changed")

    assert digest_of_sources(checkout / "assets") == before


def test_a_renamed_source_asks_for_a_build(checkout: Path) -> None:
    before = digest_of_sources(checkout / "assets")

    (checkout / "templates" / "base.html").rename(checkout / "templates" / "page.html")

    assert digest_of_sources(checkout / "assets") != before


def test_an_unchanged_checkout_is_built_once(checkout: Path, tools: Programs, steps: Steps) -> None:
    ensure_assets(root=checkout, steps=steps)
    ensure_assets(root=checkout, steps=steps)

    assert builds(tools) == 1


def test_a_deleted_build_is_made_again(checkout: Path, tools: Programs, steps: Steps) -> None:
    ensure_assets(root=checkout, steps=steps)
    (checkout / "assets" / "dist" / "manifest.json").unlink()

    ensure_assets(root=checkout, steps=steps)

    assert builds(tools) == 2


@pytest.mark.usefixtures("tools")
def test_a_built_file_has_a_compressed_copy_beside_it(checkout: Path, steps: Steps) -> None:
    ensure_assets(root=checkout, steps=steps)

    made = checkout / "assets" / "dist"
    assert (made / "app.css.gz").stat().st_size < (made / "app.css").stat().st_size


def test_a_failing_build_leaves_the_one_before(
    checkout: Path, tools: Programs, steps: Steps
) -> None:
    ensure_assets(root=checkout, steps=steps)
    tools.put("node", "print('v22.20.0'); sys.exit(sys.argv[1:] != ['--version'])")
    (checkout / "templates" / "base.html").write_text("changed")

    with pytest.raises(CannotStart, match="could not be built") as failure:
        ensure_assets(root=checkout, steps=steps)

    assert str(steps.log) in str(failure.value)
    assert (checkout / "assets" / "dist" / "manifest.json").read_text() == "build 1"
    assert not is_built(checkout / "assets")


@pytest.mark.parametrize(
    ("complaint", "said"),
    [
        ("npm error ENOTFOUND request to the registry failed", "reaches an npm registry"),
        ("npm error ENOSPC: no space left on device, write", "disk .* is full"),
    ],
)
def test_packages_that_cannot_be_installed_say_what_to_do(
    checkout: Path, tools: Programs, steps: Steps, complaint: str, said: str
) -> None:
    tools.put("npm", f"sys.exit({complaint!r})")

    with pytest.raises(CannotStart, match=said):
        ensure_assets(root=checkout, steps=steps)


def test_the_reason_of_an_earlier_failure_is_forgotten(
    checkout: Path, tools: Programs, steps: Steps
) -> None:
    tools.put("npm", "sys.exit('no space left on device')")
    with pytest.raises(CannotStart, match="is full"):
        ensure_assets(root=checkout, steps=steps)
    tools.put("npm", "sys.exit('ENOTFOUND')")

    with pytest.raises(CannotStart, match="registry"):
        ensure_assets(root=checkout, steps=steps)


@pytest.mark.usefixtures("tools")
def test_packages_are_installed_again_after_a_failure_only(checkout: Path, steps: Steps) -> None:
    ensure_assets(root=checkout, steps=steps)
    (checkout / "templates" / "base.html").write_text("changed")

    ensure_assets(root=checkout, steps=steps)

    assert "npm install" not in steps.log.read_text()


def make(place: Path, **files: str) -> Path:
    place.mkdir(exist_ok=True)
    for name, text in files.items():
        (place / name).write_text(text)
    return place


def test_parts_of_an_earlier_build_stay_for_pages_that_are_open(tmp_path: Path) -> None:
    publish(make(tmp_path / "new", one="1", **{"manifest.json": "one"}), tmp_path / "dist")

    publish(make(tmp_path / "new", two="2", **{"manifest.json": "two"}), tmp_path / "dist")

    served = {file.name: file.read_text() for file in (tmp_path / "dist").iterdir()}
    assert served == {"one": "1", "two": "2", "manifest.json": "two"}


def test_parts_that_no_build_made_for_a_week_go(tmp_path: Path) -> None:
    dist = make(tmp_path / "dist", gone="1", kept="2")
    eight_days_ago = time.time() - 8 * 24 * 3600
    for name in ("gone", "kept"):
        os.utime(dist / name, (eight_days_ago, eight_days_ago))

    publish(make(tmp_path / "new", kept="2"), dist)

    assert [file.name for file in dist.iterdir()] == ["kept"]
