"""Tables, postal codes and the demo world, in one process: Django starts once for all of it."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

from leadhub.core.metrics import forget_processes
from leadhub.embedded.terminal import Terminal

logger = logging.getLogger(__name__)


def prepare(*, with_demo: bool, to_stderr: bool) -> int:
    """Bring the database to where the application can start; each step knows what is done.

    The reason of a failure goes to the standard error stream, which is a log file here.
    """
    out = sys.stderr if to_stderr else sys.stdout
    terminal = Terminal(out)
    demo_file = Path(os.environ["LEADHUB_DATA"]) / "demo.json"
    base_url = os.environ["LEADHUB_BASE_URL"]
    django.setup()
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    forget_processes(settings.LEADHUB_DATA)
    try:
        with terminal.step("Tables"):
            call_command("migrate", database="owner", interactive=False, verbosity=0, stdout=out)
        with terminal.step("Postal codes"):
            call_command("load_postal_codes", stdout=out)
        if with_demo:
            with terminal.step("Demo world", announced=not demo_file.exists()):
                call_command("load_demo", base_url=base_url, write=str(demo_file), stdout=out)
    except Exception:
        logger.exception("Setting up the database failed.")
        return 1
    return 0


if __name__ == "__main__":
    _parser = argparse.ArgumentParser()
    _parser.add_argument("--demo", action="store_true")
    _parser.add_argument("--to-stderr", action="store_true")
    _chosen = _parser.parse_args()
    sys.exit(prepare(with_demo=_chosen.demo, to_stderr=_chosen.to_stderr))
