"""What is made from the sources before any process of Django starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadhub.embedded.application import ROOT
from leadhub.embedded.assets import ensure_assets
from leadhub.embedded.steps import Steps
from leadhub.embedded.supervisor import Stopped, Supervisor
from leadhub.embedded.terminal import Terminal
from leadhub.embedded.translations import compile_translations, stale_translations

if TYPE_CHECKING:
    from collections.abc import Sequence

LOG = ROOT / ".leadhub" / "log" / "build.log"


def ensure_built(steps: Steps) -> None:
    """Bring translations, styles and scripts up to date.

    :raises CannotStart: if a step fails.
    """
    if stale_translations(ROOT):
        with steps.terminal.step("Translations"):
            compile_translations(ROOT)
    ensure_assets(root=ROOT, steps=steps)


def build(_arguments: Sequence[str]) -> int:
    """Build and nothing else: for an image, or while styles are being worked on."""
    terminal = Terminal()
    supervisor = Supervisor(terminal.say)
    with supervisor.watching():
        try:
            ensure_built(Steps(supervisor, terminal, LOG))
        except Stopped:
            return 130
    return 0
