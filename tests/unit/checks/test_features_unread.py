"""What nothing reads: columns, datasets and feature sets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlopsc.diagnostics import Diagnostic

Diagnose = Callable[[str], list[Diagnostic]]
Place = tuple[str, int, int, str]
Changes = list[tuple[str, str]]

SPEC = """\
data:
  flights:
    source: data/flights.parquet
    key: flight_id
    time: departed_at
    columns:
      flight_id: {type: string, unique: true}
      departed_at: timestamp
      carrier: string
      distance: float
      seats: {type: integer, min: 0, nullable: true}
      extra: float?
      arr_delay: {type: float?, available_after: 1d}
features:
  basics:
    from: flights
    columns:
      carrier: {}
      distance: {}
      seats: {}
      extra: {}
models:
  late-arrival:
    features: [basics]
    label: arr_delay > 15
    train: {estimator: sklearn.ensemble.HistGradientBoostingClassifier}
"""


def changed(changes: Changes) -> str:
    """The spec with some of its words exchanged."""
    text = SPEC
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return text


def told(found: list[Diagnostic]) -> list[Place]:
    """Code, line, column and message of each, but for those on the structure, which has its own tests."""
    places = [(one.code, one.primary.span.line, one.primary.span.column, one.message) for one in found]
    return [place for place in places if not place[0].startswith("MLC1")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([("      extra: {}\n", "")], [("MLC316", 12, 7, "column 'extra' of 'flights' is read by nothing")]),
        ([("      extra: {}\n", ""), ("extra: float?", "extra: float")], []),
        ([("      extra: {}\n", ""), ("extra: float?", "extra: {type: float?, min: 0}")], []),
        ([("      extra: {}\n", ""), ("extra: float?", "extra: {type: float?, pii: true}")], []),
        ([("      extra: {}\n", '      other: {sql: "Extra + 1"}\n')], []),
        ([("      extra: {}\n", "      other: {aggregate: avg(extra), by: [carrier], window: 7d}\n")], []),
        ([("      extra: {}\n", ""), ("arr_delay > 15", "arr_delay > 15 and extra > 1")], []),
        (
            [
                ("      extra: {}\n", ""),
                (
                    "HistGradientBoostingClassifier}\n",
                    "HistGradientBoostingClassifier}\n    evaluate: {slices: [extra]}\n",
                ),
                ("extra: float?", "extra: string?"),
            ],
            [],
        ),
        (
            [
                ("      extra: {}\n", ""),
                (
                    "HistGradientBoostingClassifier}\n",
                    "HistGradientBoostingClassifier}\n    split: {by: group, group: extra}\n",
                ),
                ("extra: float?", "extra: string?"),
            ],
            [],
        ),
        (
            [
                ("      extra: {}\n", ""),
                (
                    "HistGradientBoostingClassifier}\n",
                    (
                        "HistGradientBoostingClassifier}\n"
                        '    evaluate: {business: {x: "sum(extra) filter (where prediction)"}}\n'
                    ),
                ),
            ],
            [],
        ),
        (
            [
                ("      extra: {}\n", ""),
                (
                    "HistGradientBoostingClassifier}\n",
                    'HistGradientBoostingClassifier, sample_weight: "coalesce(extra, 1)"}\n',
                ),
            ],
            [],
        ),
        (
            [
                ("      extra: {}\n", ""),
                (
                    "features:\n",
                    (
                        '    checks: [{kind: sql, name: n, violations: "select * from flights where EXTRA > 1"}]\n'
                        "features:\n"
                    ),
                ),
            ],
            [],
        ),
        (
            [
                ("      extra: {}\n", ""),
                ("features:\n", "    checks: [{kind: null_fraction, column: extra, max: 0.1}]\nfeatures:\n"),
            ],
            [],
        ),
        (
            [
                ("      extra: {}\n", ""),
                (
                    "HistGradientBoostingClassifier}\n",
                    (
                        "HistGradientBoostingClassifier}\n  other: {features: [basics], label: broken broken,"
                        " train: {estimator: sklearn.ensemble.HistGradientBoostingClassifier}}\n"
                    ),
                ),
            ],
            [
                ("MLC203", 26, 38, "unknown column 'broken' in the label of model 'other'"),
                (
                    "MLC301",
                    26,
                    38,
                    "an expression has no name of its own; leave out the alias in the label of model 'other'",
                ),
            ],
        ),
        (
            [
                ("      extra: {}\n", ""),
                (
                    "HistGradientBoostingClassifier}\n",
                    "HistGradientBoostingClassifier}\n  other: {label: carrier, train: 3}\n",
                ),
            ],
            [],
        ),
        ([("      extra: {}\n", ""), ("      distance: {}", "      distance: 3")], []),
        ([("features: [basics]", "data: flights")], [("MLC317", 15, 3, "feature set 'basics' is used by nothing")]),
        (
            [
                (
                    "features:\n",
                    (
                        "  later:\n    source: later.parquet\n    key: flight_id\n    time: departed_at\n"
                        "    columns: {flight_id: string, departed_at: timestamp,"
                        " carrier: string, distance: float?, extra: float?, seats: integer?, odd: float?}\nfeatures:\n"
                    ),
                ),
                (
                    "HistGradientBoostingClassifier}\n",
                    "HistGradientBoostingClassifier}\n    deploy: {batch: {input: later, output: o.parquet}}\n",
                ),
            ],
            [("MLC316", 18, 125, "column 'odd' of 'later' is read by nothing")],
        ),
    ],
    ids=[
        "unread",
        "unread, non-null",
        "unread, ruled",
        "unread, pii",
        "read by sql feature",
        "by window",
        "by label",
        "by slice",
        "by group",
        "by business",
        "by weight",
        "by violations",
        "by null_fraction",
        "broken model elsewhere",
        "invalid model",
        "invalid feature",
        "implicit",
        "batch dataset",
    ],
)
def test_column_that_nothing_reads_is_found(diagnosed: Diagnose, changes: Changes, expected: list[Place]) -> None:
    """A rule of its contract counts as a reader, and what is broken might be one."""
    assert told(diagnosed(changed(changes))) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            [("features:\n", "  weather: {source: w.csv, columns: {a: float?}}\nfeatures:\n")],
            [("MLC317", 14, 3, "dataset 'weather' is used by nothing")],
        ),
        (
            [
                (
                    "features:\n",
                    (
                        "    checks: [{kind: sql, name: n, violations: "
                        '"select * from flights where carrier not in (select a from weather)"}]\n'
                        "  weather: {source: w.csv, columns: {a: string}}\nfeatures:\n"
                    ),
                )
            ],
            [],
        ),
        (
            [("models:\n", "  more: {from: flights, columns: {carrier: {}}}\nmodels:\n")],
            [("MLC317", 22, 3, "feature set 'more' is used by nothing")],
        ),
        ([("features: [basics]", "features: [basic]")], [("MLC202", 24, 16, "unknown feature set 'basic'")]),
        ([("from: flights", "from: flihts")], [("MLC201", 16, 11, "unknown dataset 'flihts'")]),
    ],
    ids=["unused dataset", "dataset in a check", "unused set", "typo of the set", "typo of the dataset"],
)
def test_definition_that_nothing_uses_is_found(diagnosed: Diagnose, changes: Changes, expected: list[Place]) -> None:
    """A name that is mistyped where it is used has been reported there."""
    assert told(diagnosed(changed(changes))) == expected
