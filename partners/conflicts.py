"""By which keys a lead is found on a partner's exclusion list. Pure.

A key is a kind and a normalised value: ``source:website``, ``domain:example.com``,
``company:muster``. Of an e-mail address it holds a digest, so that no list of customers lies about.
"""

import re
import unicodedata
from hashlib import sha256
from uuid import UUID

# Words at the end of a company's name that say only its legal form.
LEGAL_FORMS = frozenset(
    [
        "ag", "co", "company", "corp", "corporation", "ek", "eg", "ev", "gbr", "gesmbh", "gmbh",
        "haftungsbeschränkt", "inc", "kg", "kgaa", "limited", "llc", "llp", "ltd", "mbh", "og",
        "ohg", "plc", "sa", "sarl", "sas", "se", "sàrl", "ug", "und",
    ]
)  # fmt: skip
# Written with dots, these would fall apart into letters.
_DOTTED = re.compile(r"\b(?:[a-z]\.\s?){2,}")
_SEPARATORS = re.compile(r"[^\w]+")


def conflict_keys(
    *, manufacturer_id: UUID, source: str, email: str = "", company: str = ""
) -> tuple[str, ...]:
    """List the keys of a lead: its source, and its customer by address, domain and company.

    A domain stands for those below it: who writes from ``mail.example.com`` is of ``example.com``.
    """
    keys = [source_key(source)]
    address = normalise_address(email)
    if "@" in address:
        keys.append(email_key(manufacturer_id, address))
        keys += [f"domain:{domain}" for domain in _domains_of(address)]
    if name := normalise_company(company):
        keys.append(f"company:{name}")
    return tuple(keys)


def source_key(source: str) -> str:
    """Make the key of a source, whatever its capitals and spaces."""
    return f"source:{' '.join(source.split()).casefold()}"


def email_key(manufacturer_id: UUID, address: str) -> str:
    """Make the key of an address: a digest of its own for each manufacturer."""
    digest = sha256(f"{manufacturer_id}:{normalise_address(address)}".encode()).hexdigest()
    return f"email:{digest}"


def domain_key(domain: str) -> str:
    """Make the key of an e-mail domain."""
    return f"domain:{domain.strip().lower().removeprefix('@').rstrip('.')}"


def company_key(name: str) -> str:
    """Make the key of a company."""
    return f"company:{normalise_company(name)}"


def normalise_address(address: str) -> str:
    """Write an address as intake stores it."""
    return address.strip().lower()


def normalise_company(name: str) -> str:
    """Leave of a company's name the words that tell it from others.

    "Müller Wärme GmbH & Co. KG" and "MÜLLER-WÄRME" are the same; a name of nothing but legal forms
    stays as it is.
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    folded = _DOTTED.sub(lambda dotted: dotted[0].replace(".", "").replace(" ", "") + " ", folded)
    words = _SEPARATORS.sub(" ", folded).split()
    kept = list(words)
    while kept and kept[-1] in LEGAL_FORMS:
        kept.pop()
    return " ".join(kept or words)


def _domains_of(address: str) -> list[str]:
    labels = address.rpartition("@")[2].split(".")
    return [".".join(labels[start:]) for start in range(max(len(labels) - 1, 1))]
