"""Literals that look like data of a person, and those that only resemble them."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from mlopsc.checks.personal import is_account, is_luhn, personal

Say = Callable[..., list[tuple[str, str, str]]]

PERSONAL = (
    ("write to jane.doe@acme.io today", "an e-mail address", "jane.doe@acme.io"),
    ("jane@acme.io: please", "an e-mail address", "jane@acme.io"),
    ("j_doe+ml@mail.acme.co.uk", "an e-mail address", "j_doe+ml@mail.acme.co.uk"),
    ("call +49 151 2345 6789 first", "a telephone number", "+49 151 2345 6789"),
    ("+4915123456789", "a telephone number", "+4915123456789"),
    ("+1 (212) 555-2368", "a telephone number", "+1 (212) 555-2368"),
    ("call (212) 736-5000", "a telephone number", "(212) 736-5000"),
    ("212-736-5000", "a telephone number", "212-736-5000"),
    ("pay DE89 3704 0044 0532 0130 00 now", "an account number (IBAN)", "DE89 3704 0044 0532 0130 00"),
    ("GB82WEST12345698765432", "an account number (IBAN)", "GB82WEST12345698765432"),
    ("4111 1111 1111 1111", "a payment card number", "4111 1111 1111 1111"),
    ("5500-0000-0000-0004", "a payment card number", "5500-0000-0000-0004"),
    ("card 378282246310005", "a payment card number", "378282246310005"),
    ("ssn 536-22-8726", "a US social security number", "536-22-8726"),
)

LOOK_ALIKES = (
    *("ml-team@acme.io", "noreply@acme.io", "alerts@acme.io", "support+ml@acme.io", "data-platform-team@acme.io"),
    *("someone@example.com", "jane@mail.example.org", "jane@host.invalid", "root@localhost", "jane@db.internal"),
    "mlops@acme.iam.gserviceaccount.com",
    "git@github.com:acme/flights.git",
    "git+ssh://git@github.com/acme/flights.git@v1.2.3",
    "postgresql://reader@warehouse.acme.io/flights",
    "abfs://container@account.dfs.core.windows.net/flights",
    "actions/checkout@v4.2.2",
    "python:3.11-slim@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "^[a-z0-9._%+-]+@[a-z0-9.-]+\\.[a-z]{2,}$",
    "arn:aws:iam::123456789012:role/mlops",
    "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "550e8400-e29b-41d4-a716-446655440000",
    *("2013-01-02", "2013-01-02 10:00:00+02:00", "2024-12-31T23:59:59.000+0100", "1.2.3", "10.0.0.255", "3.14159265"),
    *("123456789", "1234567890123456", "1700000000", "1700000000000", "1700000000000000000", "0.4111111111111111"),
    *("4111111111111112", "4111 1111 1111 1112", "-4111111111111111", "4111111111111111.0"),
    *("DE89370400440532013001", "DE8937040044", "AB12CDEF34567890", "SKU-DE89370400440532013000"),
    *("000-12-3456", "666-12-3456", "900-12-3456", "536-00-8726", "1536-22-8726", "536-22-8726-1"),
    *("555-0100", "212-555-0123", "112-736-5000", "212-136-5000", "1212-736-5000", "part 212-736-50001"),
    *("+1", "a +1000", "x+49151234567890", "+12 34", "score + 1234567890123", "pandas>=2.2,<3"),
    *("0 6 1,15 * 1-5", "*/15 * * * *", "10.1038/s41586-020-2649-2", "ISBN 978-3-16-148410-0"),
)


@pytest.mark.parametrize(("text", "kind", "part"), PERSONAL, ids=[text for text, _, _ in PERSONAL])
def test_personal_data_is_told_by_its_form(text: str, kind: str, part: str) -> None:
    """By form, and where there are check digits by them."""
    found = personal(text)
    assert found is not None
    assert (found[0], text[slice(*found[1])]) == (kind, part)


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_look_alikes_are_silent(text: str) -> None:
    """Versions, dates, identifiers and addresses that belong to nobody."""
    assert personal(text) is None


def test_check_digits_are_those_of_the_standards() -> None:
    """Published examples, each with one digit changed."""
    assert is_luhn("79927398713")
    assert not any(is_luhn(f"7992739871{digit}") for digit in "012456789")
    assert is_account("NL91ABNA0417164300")
    assert not is_account("NL91ABNA0417164301")
    assert not is_account("XX91ABNA0417164300")


@pytest.mark.parametrize(
    ("fragments", "text"),
    [
        ({"top": "project: {description: from jane.doe@acme.io}"}, "jane.doe@acme.io"),
        ({"top": 'project: {description: "from jane.doe@acme.io"}'}, "jane.doe@acme.io"),
        (
            {"features": "features: {f: {from: flights, columns: {x: {sql: \"carrier = '+4915123456789'\"}}}}"},
            "+4915123456789",
        ),
        ({"features": "features: {f: {from: flights, columns: {x: {sql: distance +4915123456789}}}}"}, None),
        ({"model": "evaluate: {business: {b: {sql: \"count(*) filter (carrier = 'jane@acme.io')\"}}}"}, "jane@acme.io"),
        ({"top": "project: {owner: jane.doe@acme.io}", "model": "owner: john.doe@acme.io"}, None),
        ({"top": "environments: {a: {auth: {gcp: {workload_identity_provider: p, service_account: a@b.io}}}}"}, None),
    ],
)
def test_literal_is_found_wherever_it_stands(said: Say, fragments: dict[str, str], text: str | None) -> None:
    """In descriptions and SQL at its very characters; not in owners and identities of clouds."""
    found = [one for one in said(**fragments) if one[0] == "MLC609"]
    assert [place for _, place, _ in found] == ([text] if text else [])


def test_text_of_several_lines_is_looked_at(said: Say) -> None:
    """It is pointed at as a whole, and the help never has the value."""
    text = "project:\n  description: |\n    Ask\n    jane.doe@acme.io\nstack: {ci: none}"
    (found,) = said(top=text)
    assert found[0] == "MLC609"
    assert "jane" not in found[2]


@pytest.mark.parametrize("part", ["a.", "1 ", "x@a.", "+1 2", "(212) ", "DE89 ", "a@a@", "-_-"])
def test_long_texts_take_no_longer_than_they_are(part: str) -> None:
    """A hundred thousand repetitions are read in CPU seconds that a backtracking pattern would not keep to."""
    begin = time.process_time()
    personal(part * 100_000)
    assert time.process_time() - begin < 5
