"""Sources: what tells new rows, what opens an address, what is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Say = Callable[..., list[tuple[str, str, str]]]
SINCE = "{kind: parquet, path: data/flights, since: last_run%s}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (SINCE % "", []),
        (SINCE % ", cursor: carrier", [("MLC221", "carrier")]),
        (SINCE % ", cursor: arr_dellay", [("MLC203", "arr_dellay")]),
        (
            "{kind: parquet, path: data/flights, since: yesterday, cursor: scheduled_departure}",
            [("MLC113", "yesterday")],
        ),
        ("{kind: parquet, path: data/flights, cursor: scheduled_departure}", [("MLC222", "cursor")]),
        ("'S3://acme/flights.parquet'", [("MLC224", "'S3://acme/flights.parquet'")]),
        ("'ftp://acme/flights.parquet'", [("MLC224", "'ftp://acme/flights.parquet'")]),
        ("{kind: parquet, path: 's3://'}", [("MLC224", "'s3://'")]),
        ("gs://acme/flights.parquet", []),
        ("{kind: sql, url: 'mysql://db/x', query: select 1}", [("MLC225", "'mysql://db/x'")]),
        ("{kind: sql, url: 'sqlite:///x.db', query: select 1}", []),
    ],
)
def test_source_is_one_that_can_be_read(said: Say, source: str, expected: list[tuple[str, str]]) -> None:
    """Each mistake once, at the word that makes it."""
    assert [(code, text) for code, text, _ in said(source=source)] == expected


def test_driver_of_the_project_silences_the_warning(said: Say) -> None:
    """Whoever names requirements knows what they need."""
    source = "{kind: sql, url: 'mysql://db/x', query: select 1}"
    assert [help_ for *_, help_ in said(source=source)] == [
        "name it under project: requirements, with the oldest version that you tested: pymysql>=…"
    ]
    assert said(source=source, top="project: {requirements: ['pymysql>=1.1']}\nstack: {alerts: [github-issue]}") == []
