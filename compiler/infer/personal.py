"""Columns that hold data of persons, told by their names and by what their values look like."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ..checks.personal import MAIL, personal
from ..records import record
from .names import snake

SHARE = 0.8
"""So much of a column must look like data of persons; a few such values in a text prove nothing about the column."""
NAMES = {
    "e-mail addresses": r"(.*_)?e?_?mail(s|_address(es)?|_addr)?",
    "telephone numbers": r"(.*_)?(phone|telephone|mobile|cell_?phone|fax|msisdn)(_?(number|no|nr))?",
    "names of persons": r"(.*_)?(first|last|given|family|middle|maiden|full|sur|fore|nick|user|patient|customer"
    r"|passenger|employee|client|member|guest|driver|contact|cardholder|account_holder|login)_?names?|surname|vorname|nachname",
    "postal addresses": r"(.*_)?(street(_?(name|number|no|nr|address))?|postal_address|home_address|mailing_address"
    r"|billing_address|shipping_address|address(_?line)?(_?\d)?)",
    "dates of birth": r"(.*_)?(dob|date_of_birth|birth_?da(y|te)|born(_on)?)",
    "numbers that identify a person": r"(.*_)?(ssn|social_security(_?(number|no))?|passport(_?(number|no|nr))?"
    r"|national_id|tax_id|tin|nino|driver_?s?_licen[cs]e(_?(number|no))?|identity_card)",
    "account or card numbers": r"(.*_)?(iban|bic|card_number|credit_?card(_?(number|no))?|account_number|pan)",
    "network addresses": r"(.*_)?(ip|ip_?v[46]|ip_?addr(ess)?|mac_address)",
}
"""What a column holds that is named so, whole names in snake case."""
PLAIN_NAME = re.compile(r"name|person|patient|passenger|customer|employee|client")
"""Names that a column of persons has, and many another one: taken where nearly every row says something else."""
PERSON = re.compile(r"\W*[A-Z][\w'.-]+,? .*[A-Z]", re.UNICODE)
DOTTED = re.compile(r"(\d{1,3}\.){3}\d{1,3}")
NOT_TEXT = {"dates of birth", "telephone numbers", "numbers that identify a person", "account or card numbers"}
"""What may stand in a column that is not of text."""


@record
class Personal:
    """Why a column is taken for personal data: what it holds, and what says so."""

    what: str
    why: str


def found_personal(name: str, kind: str, some: Sequence[str], distinct: int, filled: int) -> Personal | None:
    """What of persons a column of this name and type, with ``some`` texts like these, holds; None if nothing."""
    word = snake(name)
    for what, pattern in NAMES.items():
        if re.fullmatch(pattern, word) and (kind == "string" or what in NOT_TEXT) and distinct > 1:
            return Personal(what=what, why="by its name")
    seen = _looks_like(some) if kind == "string" else None
    if seen is not None:
        return Personal(what=seen, why="by its values")
    if kind == "string" and PLAIN_NAME.fullmatch(word) and distinct * 2 > filled and _share(some, _is_person) >= SHARE:
        return Personal(what="names of persons", why="by its name and its values")
    return None


def _looks_like(some: Sequence[str]) -> str | None:
    """What most of the texts are."""
    if len(some) <= 1:
        return None
    if _share(some, lambda text: MAIL.fullmatch(text.strip()) is not None) >= SHARE:
        return "e-mail addresses"
    if _share(some, lambda text: DOTTED.fullmatch(text.strip()) is not None) >= SHARE:
        return "network addresses"
    kinds = [found[0] for text in some if (found := personal(text)) is not None]
    if len(kinds) < SHARE * len(some):
        return None
    most = max(set(kinds), key=kinds.count)
    return PLURAL.get(most, most)


PLURAL = {
    "an e-mail address": "e-mail addresses",
    "a telephone number": "telephone numbers",
    "an account number (IBAN)": "account or card numbers",
    "a payment card number": "account or card numbers",
    "a US social security number": "numbers that identify a person",
}


def _is_person(text: str) -> bool:
    return PERSON.match(text) is not None


def _share(some: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(test(text) for text in some) / len(some) if some else 0.0
