"""Specs in several files, and environments."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsc.compose import compose, composed, environment_names
from mlopsc.phases import analyse

MAIN = """\
include: [models/*.yaml]
data:
  penguins:
    source: data/penguins.csv
    columns: {species: string, island: string, mass: float?}
models:
  species:
    label: species
    train: {estimator: sklearn.ensemble.RandomForestClassifier}
"""
MORE = """\
models:
  island:
    label: island
    train: {estimator: sklearn.ensemble.RandomForestClassifier}
"""


def project(folder: Path, main: str, **files: str) -> Path:
    """A spec in ``folder`` with files below ``models/``."""
    (folder / "models").mkdir()
    for name, text in files.items():
        (folder / "models" / f"{name}.yaml").write_text(text)
    spec = folder / "mlops.yaml"
    spec.write_text(main)
    return spec


def said(spec: Path) -> list[tuple[str, str, int, str]]:
    """Code, file, line and message of everything that is wrong."""
    found = analyse(spec).diagnostics
    return [(one.code, one.primary.span.file, one.primary.span.line, one.message) for one in found]


def test_include_adds_the_definitions_of_other_files(tmp_path: Path) -> None:
    """Both models are there, and each stands in its own file."""
    spec = project(tmp_path, MAIN, island=MORE)
    loaded = compose(spec)
    assert loaded.diagnostics == ()
    assert loaded.data is not None
    assert list(loaded.data["models"]) == ["species", "island"]
    span = loaded.sources.span(("models", "island", "label"))
    assert (span.file, span.line, span.column) == ("models/island.yaml", 3, 5)
    assert loaded.sources.span(("models", "species")).file == "mlops.yaml"
    assert said(spec) == []


def test_include_points_into_the_included_file(tmp_path: Path) -> None:
    """A wrong column in an included file is found there."""
    spec = project(tmp_path, MAIN, island=MORE.replace("label: island", "label: iland"))
    assert said(spec) == [("MLC203", "models/island.yaml", 3, "unknown column 'iland' in the label of model 'island'")]


def test_include_shows_both_places_of_a_name(tmp_path: Path) -> None:
    """A name that two files define is an error with both places."""
    spec = project(tmp_path, MAIN, island=MORE.replace("island:", "species:", 1))
    (found,) = analyse(spec).diagnostics
    assert (found.code, found.message) == ("MLC121", "model 'species' is defined twice")
    assert (found.primary.span.file, found.primary.span.line) == ("models/island.yaml", 2)
    assert (found.related[0].span.file, found.related[0].span.line) == ("mlops.yaml", 7)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("nowhere/*.yaml", "no file matches 'nowhere/*.yaml'"),
        ("../other.yaml", "'../other.yaml' leads out of the project"),
        ("/etc/*.yaml", "'/etc/*.yaml' leads out of the project"),
        ("C:\\specs", "'C:\\specs' leads out of the project"),
        ("https://example.org/a.yaml", "'https://example.org/a.yaml' leads out of the project"),
    ],
)
def test_include_refuses_what_it_cannot_follow(tmp_path: Path, pattern: str, message: str) -> None:
    """A pattern without a file, and every way out of the project folder."""
    spec = project(tmp_path, MAIN.replace("models/*.yaml", f"'{pattern}'"))
    assert said(spec) == [("MLC120", "mlops.yaml", 1, message)]


def test_include_does_not_follow_a_link_out_of_the_project(tmp_path: Path) -> None:
    """A symbolic link to a file elsewhere is no file of the project."""
    (tmp_path / "elsewhere.yaml").write_text(MORE)
    (tmp_path / "project").mkdir()
    spec = project(tmp_path / "project", MAIN)
    (spec.parent / "models" / "link.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    assert said(spec) == [("MLC120", "mlops.yaml", 1, "'models/link.yaml' leads out of the project")]


def test_included_files_hold_definitions_only(tmp_path: Path) -> None:
    """What is said once for the project stays in the main file; a mistyped section is told."""
    spec = project(tmp_path, MAIN, island=MORE + "stack: {ci: none}\nmonitrs: {}\n")
    assert said(spec) == [
        ("MLC122", "models/island.yaml", 5, "'stack' belongs in 'mlops.yaml', not in an included file"),
        ("MLC110", "models/island.yaml", 6, "unknown key 'monitrs' in an included file"),
    ]


def test_a_broken_included_file_does_not_hide_the_rest(tmp_path: Path) -> None:
    """The syntax error of one file and the unknown column of another come in one run."""
    spec = project(tmp_path, MAIN.replace("label: species", "label: specis"), island="models: [\n")
    assert [(code, file) for code, file, _, _ in said(spec)] == [
        ("MLC203", "mlops.yaml"),
        ("MLC102", "models/island.yaml"),
    ]


ENVIRONMENTS = """\
environments:
  staging: {approval: none}
  production:
    set:
"""


def with_set(folder: Path, *lines: str) -> Path:
    """The spec with what an environment sets."""
    main = MAIN.replace("include: [models/*.yaml]\n", "stack: {ci: none}\n")
    return project(folder, main + ENVIRONMENTS + "".join(f"      {line}\n" for line in lines))


def test_environment_changes_what_it_sets(tmp_path: Path) -> None:
    """Values are merged leaf by leaf into a copy, and a changed place is found in the ``set``."""
    spec = with_set(tmp_path, "models: {species: {deploy: {api: {port: 9090}}}}", "data: {penguins: {source: b.csv}}")
    loaded = compose(spec)
    assert loaded.data is not None
    assert environment_names(loaded.data) == ("production",)
    changed = composed(loaded.data, loaded.sources, "production")
    assert changed.data is not None
    assert changed.data["models"]["species"]["deploy"] == {"api": {"port": 9090}}
    assert changed.data["models"]["species"]["label"] == "species"
    assert changed.data["data"]["penguins"]["source"] == "b.csv"
    assert loaded.data["data"]["penguins"]["source"] == "data/penguins.csv"
    port = changed.sources.span(("models", "species", "deploy", "api", "port"), "value")
    assert (port.line, port.column, port.end_column) == (14, 47, 51)
    assert changed.sources.span(("models", "species", "label")).line == 8


@pytest.mark.parametrize(
    ("line", "code", "message", "help_"),
    [
        (
            "models: {species: {label: island}}",
            "MLC123",
            "environment 'production' cannot set 'models.species.label'",
            ("the same version moves through all environments; they may differ in: models.*.retrain, models.*.deploy"),
        ),
        (
            "models: {species: {gates: [{metric: f1_macro, min: 0.5}]}}",
            "MLC123",
            "environment 'production' cannot set 'models.species.gates'",
            ("the same version moves through all environments; they may differ in: models.*.retrain, models.*.deploy"),
        ),
        (
            "models: {specie: {gates: []}}",
            "MLC124",
            "environment 'production' sets model 'specie', which is not defined",
            "did you mean 'species'?",
        ),
        (
            "models: {species: {deploy: {api: {prt: 9}}}}",
            "MLC110",
            "unknown key 'prt' in the 'set' of environment 'production'",
            "did you mean 'port'?",
        ),
        (
            "models: {species: {deploy: {api: {port: 99999}}}}",
            "MLC115",
            "'port' is 99999, but 65535 is the most",
            "write 65535 or less",
        ),
        (
            "models: {species: {retrain: {schedule: 0 25 * * *}}}",
            "MLC601",
            "invalid schedule '0 25 * * *': '25' is no hour, which goes from 0 to 23",
            "such as '0 6 * * *' for six o'clock every day, '30 2 * * 1' for Mondays at half past two",
        ),
        (
            "data: {penguins: {source: data/penguins.csv}}",
            "MLC125",
            "environment 'production' sets 'data.penguins.source' to what it is already",
            "remove 'source' from the set",
        ),
        (
            "models: {species: {deploy: {batch: {input: penguins, output: p.parquet, log_predictions: true}}}}",
            "MLC125",
            (
                "environment 'production' sets 'models.species.deploy.batch.log_predictions' to what it is already, "
                "the default"
            ),
            "remove 'log_predictions' from the set",
        ),
    ],
)
def test_environment_is_checked_like_the_rest(tmp_path: Path, line: str, code: str, message: str, help_: str) -> None:
    """Every mistake of a ``set`` is one diagnostic, inside the ``set``; nothing of the base is said again."""
    (found,) = analyse(with_set(tmp_path, line)).diagnostics
    assert (found.code, found.message, found.help) == (code, message, help_)
    assert found.primary.span.line == 14
