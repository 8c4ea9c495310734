"""Secrets, variables and owners."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlopsc.diagnostics import Diagnostic

Say = Callable[..., list[tuple[str, str, str]]]

SQL = '{kind: sql, url: "${WAREHOUSE}", query: select * from flights}'


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        ("secrets: [WAREHOUSE]", []),
        ("secrets: [WAREHOUSE, OLD]", [("OLD", "remove it, or read it where it is needed: ${OLD}")]),
        (
            "secrets: WAREHOUSE\nvariables: [REGION]",
            [("REGION", "remove it, or read it where it is needed: ${REGION}")],
        ),
        ("secrets: [WAREHOUSE, AWS_ACCESS_KEY_ID, PGPASSWORD, MLFLOW_TRACKING_TOKEN]", []),
        ("secrets: [WAREHOUSE, OLD]\nproject: {requirements: [psycopg>=3]}", []),  # a driver may read anything
        ("secrets: [WAREHOUSE, OLD]\nenvironments: {a: {prometheus: 'https://${OLD}/p'}}", []),
    ],
)
def test_declared_names_are_read(said: Say, top: str, expected: list[tuple[str, str]]) -> None:
    """By a value, by a library, or by code of the user's."""
    assert said(top=top, source=SQL) == [("MLC209", text, help_) for text, help_ in expected]


def test_misspelt_reference_is_one_mistake(said: Say) -> None:
    """The name that it is said to mean is not called unread as well."""
    found = said(top="secrets: [WAREHOUSES]", source=SQL)
    assert found == [("MLC208", "WAREHOUSE", "did you mean '${WAREHOUSES}'?")]


def test_entrypoint_may_read_every_name(diagnosed: Callable[[str], list[Diagnostic]]) -> None:
    """The user's own function is not looked into."""
    text = "secrets: [OLD]\ndata: {a: {source: a.csv, columns: {x: float, y: float}}}\n"
    model = "models: {m: {label: y, train: {entrypoint: own.training:train}}}\n"
    assert "MLC209" not in {one.code for one in diagnosed(text + model)}


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        ("secrets: [WAREHOUSE]\nvariables: [WAREHOUSE]", ["WAREHOUSE"]),
        ("secrets: [WAREHOUSE]\nvariables: [MLOPS_STORAGE]", ["MLOPS_STORAGE"]),
        ("secrets: [WAREHOUSE, VERSION]\nproject: {requirements: [psycopg>=3]}", ["VERSION"]),
        ("secrets: [WAREHOUSE, VERSION]\nproject: {requirements: [psycopg>=3]}\nstack: {ci: none}", []),
    ],
)
def test_name_is_set_once(said: Say, top: str, expected: list[str]) -> None:
    """As a secret or as a variable, and not where workflows set it themselves."""
    found = said(top=top, source=SQL)
    assert [(code, text) for code, text, _ in found] == [("MLC210", text) for text in expected]


@pytest.mark.parametrize(
    ("fragments", "expected"),
    [
        ({"source": "'data/${AWS_X}.csv'"}, []),
        ({"source": "{kind: csv, path: 'data/${AWS_X}.csv'}"}, []),
        ({"source": "{kind: sql, url: '${AWS_X}', query: select 1}"}, []),
        ({"source": "{kind: sql, url: '${AWS_X}', query: 'select * from ${AWS_X}'}"}, ["${AWS_X}"]),
        ({"deploy": "batch: {input: flights, output: 's3://${AWS_X}/p.parquet'}"}, ["${AWS_X}"]),
        ({"rest": "storage: 's3://${AWS_X}/state'"}, []),
        ({"rest": "storage: {url: 's3://${AWS_X}/state'}"}, []),
        ({"rest": "images: {registry: '${AWS_X}/team'}"}, ["${AWS_X}"]),
        ({"rest": "environments: {a: {runs_on: {default: '${AWS_X}'}}}"}, ["${AWS_X}"]),
        ({"rest": "project: {description: 'costs $${AWS_X} and ${AWS_X}'}"}, []),  # read by people
    ],
)
def test_reference_stands_where_it_is_replaced(said: Say, fragments: dict[str, str], expected: list[str]) -> None:
    """The runtime replaces it in the URL of a source; a path, a name or a query is taken as written."""
    found = said(top="variables: [AWS_X]", **fragments)
    assert [(code, text) for code, text, _ in found] == [("MLC211", text) for text in expected]


@pytest.mark.parametrize(
    ("top", "model", "expected"),
    [
        ("policy: {require_owner: true}", "", [("require_owner", "project: {owner: your-team}"), ("late", "your")]),
        ("policy: {require_owner: true}\nproject: {owner: ops}", "", [("late", "late-arrival: {owner: ops}")]),
        ("policy: {require_owner: true}\nproject: {owner: ops}", "owner: delays", []),
        ("policy: {require_owner: true}\nproject: {owner: ops}", "owner: [delays]", []),
        ("policy: {require_owner: false}", "", []),
        ("policy: {}", "", []),
    ],
)
def test_policy_asks_for_owners(said: Say, top: str, model: str, expected: list[tuple[str, str]]) -> None:
    """Of the project and of each model, where the policy asks; nothing is said about a broken owner."""
    found = [one for one in said(top=top, model=model) if one[0] != "MLC112"]
    assert [code for code, _, _ in found] == ["MLC212"] * len(expected)
    assert all(end in help_ for (_, _, help_), (_, end) in zip(found, expected, strict=True))
    assert all(text.startswith(place) for (_, text, _), (place, _) in zip(found, expected, strict=True))


def test_policy_is_part_of_the_language(diagnosed: Callable[[str], list[Diagnostic]]) -> None:
    """A mistyped rule is found like any other key."""
    text = (
        "policy: {require_owners: true}\ndata: {a: {source: a.csv, columns: {x: float, y: float}}}\n"
        "models: {m: {label: y, train: {estimator: sklearn.linear_model.Ridge}}}\n"
    )
    (found,) = (one for one in diagnosed(text) if one.code != "MLC212")
    assert (found.code, found.help) == ("MLC110", "did you mean 'require_owner'?")
