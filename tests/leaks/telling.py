"""What was found, in words and by address."""

from tests.leaks.attack import Findings


def line_of(configuration: str, findings: Findings) -> str:
    """Say how many cases were tried."""
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(findings.cases.items()))
    return (
        f"leaks, {configuration}: {findings.cases.total():,} cases ({kinds}), "
        f"{len(findings.told)} leaking"
    )


def told_at(findings: Findings) -> dict[str, set[str]]:
    """Address -> who was told there what is not theirs, how, and how many words of it."""
    found: dict[str, set[str]] = {}
    for (asker, method, address), secrets in findings.told.items():
        found.setdefault(address, set()).add(f"{method} by {asker}: {len(secrets)}")
    return found
