"""Literals that belong to a person: what kind they are, told by their form and their check digits."""

from __future__ import annotations

import re
from itertools import cycle

MAIL = re.compile(
    r"(?<![\w.+/:%@-])([A-Za-z0-9][\w.+-]{0,63})@((?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24})(?![\w@.-]*(?:[@/]|:\S))"
)
ROLES = re.compile(
    r"(admin|alerts?|billing|bot|careers|contact|data|dev(ops)?|git|hello|help|hostmaster|info|jobs|legal|mail|ml|mlops"
    r"|news(letter)?|no-?reply|office|on-?call|ops|platform|postmaster|press|privacy|root|sales|security|service|support"
    r"|sre|team|user|webmaster)([.+_-].*|\d*)|.*[.+_-](team|bot|alerts?|support|oncall|ops|noreply|group|list)",
    re.IGNORECASE,
)
"""The part before the at sign of addresses that belong to nobody in particular."""
NOBODY = re.compile(
    r"(.*\.)?(example\.(com|org|net|edu)|gserviceaccount\.com|noreply\.github\.com)"
    r"|.*\.(example|test|invalid|localhost|local|internal)",
    re.IGNORECASE,
)
INTERNATIONAL = re.compile(r"(?<![\w+.)\]])\+[1-9]\d{0,2}(?:[ .()/-]{1,2}\d{1,5}){2,6}(?![\w-])")
COMPACT = re.compile(r"(?<![\w+.)\]])\+[1-9]\d{10,14}(?![\w.])")
AMERICAN = re.compile(r"(?<![\w./-])(?:\([2-9]\d\d\) ?|[2-9]\d\d-)[2-9]\d\d-\d{4}(?![\w./-])")
FICTION = re.compile(r"555-01\d\d$")
SOCIAL = re.compile(r"(?<![\w./-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w./-])")
ACCOUNT = re.compile(r"(?<![\w-])([A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)(?![\w-])")
CARD = re.compile(r"(?<![\w.,/+-])\d(?:[ -]?\d){12,18}(?![\w./-])")
ISSUERS = re.compile(
    r"4(\d{12}|\d{15}|\d{18})|(5[1-5]|2[3-6]|222[1-9]|22[3-9]|27[01])\d*(?<=^.{16})|3[47]\d{13}"
    r"|(6011\d\d|65\d{4}|64[4-9]\d{3}|35[2-8]\d{3})\d{10}|3(0[0-5]|[68]\d)\d{11}"
)
LENGTHS = {
    country: length
    for length, countries in (
        (15, "NO"),
        (16, "BE"),
        (18, "DK FI NL"),
        (19, "SI"),
        (20, "AT EE LT LU"),
        (21, "CH HR LI LV"),
        (22, "BG DE GB IE"),
        (23, "AE IL"),
        (24, "CZ ES RO SA SE SK"),
        (25, "PT"),
        (26, "IS TR"),
        (27, "FR GR IT MC"),
        (28, "CY HU PL"),
        (29, "BR UA"),
        (31, "MT"),
    )
    for country in countries.split()
}
"""How many characters an account number has, by country (SWIFT's IBAN registry)."""


def personal(text: str, *, calculates: bool = False) -> tuple[str, tuple[int, int]] | None:
    """What of a person stands in ``text`` and where; in text that ``calculates``, a sum is no telephone number."""
    found = _mail(text) or _account(text) or _card(text)
    if found is not None:
        return found
    social = SOCIAL.search(text)
    if social is not None and (not calculates or text[: social.start()].endswith("'")):
        return "a US social security number", social.span()
    return _telephone(text, calculates=calculates)


def _telephone(text: str, *, calculates: bool) -> tuple[str, tuple[int, int]] | None:
    """Its first telephone number; where the text calculates, only what begins a literal can be one."""
    for pattern in (INTERNATIONAL, COMPACT, AMERICAN):
        for number in pattern.finditer(text):
            literal = text[: number.start()].endswith("'")
            if (literal or not calculates) and not FICTION.search(number[0]) and _is_dialled(number[0]):
                return "a telephone number", number.span()
    return None


def _mail(text: str) -> tuple[str, tuple[int, int]] | None:
    for found in MAIL.finditer(text):
        if not ROLES.fullmatch(found[1]) and not NOBODY.fullmatch(found[2]):
            return "an e-mail address", found.span()
    return None


def _account(text: str) -> tuple[str, tuple[int, int]] | None:
    for found in ACCOUNT.finditer(text):
        if is_account(found[1].replace(" ", "")):
            return "an account number (IBAN)", found.span()
    return None


def _card(text: str) -> tuple[str, tuple[int, int]] | None:
    for found in CARD.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if ISSUERS.fullmatch(digits) and is_luhn(digits):
            return "a payment card number", found.span()
    return None


def _is_dialled(number: str) -> bool:
    """Whether it has as many digits as a number may have (ITU-T E.164)."""
    return 10 <= sum(sign.isdigit() for sign in number) <= 15  # noqa: PLR2004  (the bounds of the standard)


def is_account(text: str) -> bool:
    """Whether the check digits of an IBAN are right: rearranged as a number, it leaves 1 modulo 97 (ISO 13616)."""
    if LENGTHS.get(text[:2]) != len(text):
        return False
    return int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1


def is_luhn(digits: str) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812-1, the formula of Luhn)."""
    doubled = (int(digit) * weight for digit, weight in zip(reversed(digits), cycle((1, 2)), strict=False))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0  # noqa: PLR2004
