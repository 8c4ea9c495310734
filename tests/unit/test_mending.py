"""``mlopsc check --fix``: certain fixes are made, everything else of the files stays, and nothing gets worse."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from mlopsc import mending, spec_writer
from mlopsc.cli.check import command
from mlopsc.diagnostics import Diagnostic, Label, MlopscError, Repair, Severity, UsageError
from mlopsc.phases import Analysis, analyse
from mlopsc.source import Span
from mlopsc.writer import Roots

GOOD = """\
version: 1
data:
  flights:
    source: data/flights.parquet
    key: flight_id
    time: scheduled_departure
    columns:
      flight_id: string   # the key
      scheduled_departure: timestamp
      distance: float
      arr_delay: {type: float, nullable: true, available_after: 1d}
features:
  flight_features:
    from: flights
    columns:
      far: {sql: 'distance > 1500 and distance < 2000'}  # long ones
      usual: {aggregate: avg(arr_delay), by: [flight_id], window: 7d, lag: 1d}
models:
  late-arrival:
    features: [flight_features]
    label: {sql: "arr_delay > 15"}
    split: {by: time, test: 20%}
    train:
      estimator: sklearn.ensemble.HistGradientBoostingClassifier
      params:
        max_iter: 50
    evaluate: {metrics: [roc_auc, accuracy]}
"""
MISTAKES = {
    "source: data": "sorce: data",
    "flight_id: string ": "flight_id: str ",
    "from: flights": "from: flight",
    "distance > 1500 and distance < 2000": "distanc > 1500 and distanc < 2000",
    "nullable: true": "nullable: yes",
    "available_after: 1d": "available_after: 1 day",
    "Classifier": "Clasifier",
    "max_iter: 50": "max_itr: 50",
    "[roc_auc, accuracy]": "[roc_auc, accurcy, roc_auc]",
    "20%": "20 percent",
}
OPEN = 'label: {sql: "arr_delay > 15"}'


def wrong(text: str, mistakes: Mapping[str, str]) -> str:
    """The text with mistakes."""
    for right, mistake in mistakes.items():
        assert right in text
        text = text.replace(right, mistake)
    return text


def run(folder: Path, *options: str) -> Result:
    """One ``mlopsc check`` in a folder."""
    return CliRunner().invoke(command, [str(folder), *options], catch_exceptions=False)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["", "BOM"])
def test_fix_gives_the_spec_back_as_it_was_meant(tmp_path: Path, newline: str, mark: bytes) -> None:
    """Ten mistakes of ten kinds are mended, and every byte besides is kept."""
    spec = tmp_path / "mlops.yaml"
    spec.write_bytes(mark + wrong(GOOD, MISTAKES).replace("\n", newline).encode())
    spec.chmod(0o640)
    done = run(tmp_path, "--fix")
    assert done.exit_code == 0
    assert spec.read_bytes() == mark + GOOD.replace("\n", newline).encode()
    assert spec.stat().st_mode & 0o777 == 0o640
    assert done.output.splitlines()[-1] == "mlops.yaml: 1 model, 0 monitors: no problems"
    assert done.output.splitlines()[0] == ("fixed: mlops.yaml:4:5: unknown key 'sorce' in dataset 'flights' [MLC110]")
    assert [path.name for path in tmp_path.iterdir()] == ["mlops.yaml"]


def test_fix_leaves_what_is_not_certain_and_says_so(tmp_path: Path) -> None:
    """The exit code is that of what remains."""
    spec = tmp_path / "mlops.yaml"
    spec.write_text(wrong(GOOD, {"from: flights": "from: flight", OPEN: "label: {sql: whatever > 15}"}))
    done = run(tmp_path, "--fix")
    assert done.exit_code == 1
    assert done.output.splitlines()[0] == "fixed: mlops.yaml:14:11: unknown dataset 'flight' [MLC201]"
    assert "error[MLC203]: unknown column 'whatever'" in done.output
    assert spec.read_text() == wrong(GOOD, {OPEN: "label: {sql: whatever > 15}"})


def test_fix_with_diff_writes_nothing(tmp_path: Path) -> None:
    """A patch that Git applies, on standard output; what would be done and what remains, beside it."""
    spec = tmp_path / "mlops.yaml"
    text = wrong(GOOD, MISTAKES).replace("\n", "\r\n").removesuffix("\r\n")
    spec.write_bytes(text.encode())
    done = run(tmp_path, "--fix", "--diff")
    assert (done.exit_code, spec.read_bytes()) == (0, text.encode())
    assert done.stderr.splitlines()[0].startswith("would fix: mlops.yaml:4:5: unknown key 'sorce'")
    assert "\n-    sorce: data/flights.parquet\r\n+    source: data/flights.parquet\r\n" in done.stdout_bytes.decode()
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=done.stdout_bytes, check=True)
    assert spec.read_bytes().decode() == GOOD.replace("\n", "\r\n").removesuffix("\r\n")


def test_fix_with_nothing_to_fix_changes_nothing(tmp_path: Path) -> None:
    """Not even the time of the file."""
    spec = tmp_path / "mlops.yaml"
    spec.write_text(GOOD)
    before = spec.stat().st_mtime_ns
    done = run(tmp_path, "--fix")
    assert (done.exit_code, done.output) == (0, "mlops.yaml: 1 model, 0 monitors: no problems\n")
    assert spec.stat().st_mtime_ns == before


def test_diff_alone_is_wrong_usage(tmp_path: Path) -> None:
    """It shows what ``--fix`` would do."""
    (tmp_path / "mlops.yaml").write_text(GOOD)
    with pytest.raises(UsageError, match="use both"):
        run(tmp_path, "--diff")


def test_fix_mends_included_files_and_environments_where_the_problem_stands(tmp_path: Path) -> None:
    """A definition of another file, and what an environment sets."""
    features = GOOD[GOOD.index("features:") : GOOD.index("models:")]
    main = "include: [parts/*.yaml]\n" + GOOD.replace(features, "")
    main += "environments:\n  staging: {set: {models: {late-arrival: {retrain: {schedule: '0 2 * * 1'}}}}}\n"
    (tmp_path / "parts").mkdir()
    part = tmp_path / "parts" / "features.yaml"
    part.write_text(wrong(features, {"from: flights": "from: flight"}))
    spec = tmp_path / "mlops.yaml"
    spec.write_text(wrong(main, {"set: {models: {late-arrival": "set: {models: {late-arival"}))
    done = run(tmp_path, "--fix")
    assert [line.partition(": ")[2] for line in done.output.splitlines()[:2]] == [
        "mlops.yaml:24:28: environment 'staging' sets model 'late-arival', which is not defined [MLC124]",
        "parts/features.yaml:3:11: unknown dataset 'flight' [MLC201]",
    ]
    assert (spec.read_text(), part.read_text(), done.exit_code) == (main, features, 0)


def test_fix_of_a_shared_node_is_made_at_its_anchor(tmp_path: Path) -> None:
    """An alias repeats the anchor's value: one edit there mends every place."""
    text = GOOD.replace("arr_delay: {type: float, nullable: yes", "arr_delay: {type: float, nullable: true")
    text = text.replace("distance: float\n", "distance: &number float\n      air_time: *number\n")
    spec = tmp_path / "mlops.yaml"
    spec.write_text(text.replace("&number float", "&number flaot"))
    done = run(tmp_path, "--fix")
    assert (done.exit_code, spec.read_text()) == (0, text)


def test_fix_puts_spaces_for_tabs_where_every_width_means_the_same(tmp_path: Path) -> None:
    """Then the file can be read, and what else is wrong in it is found, and fixed in the same run."""
    spec = tmp_path / "mlops.yaml"
    text = GOOD.replace("        max_iter: 50", "\t\t\t\tmax_itr: 50").replace("      params:", "\t  \tparams:")
    spec.write_text(text)
    done = run(tmp_path, "--fix")
    assert (done.exit_code, spec.read_text()) == (0, GOOD)
    assert [line.rpartition(" ")[2] for line in done.output.splitlines()[:2]] == ["[MLC102]", "[MLC405]"]


def test_tabs_beside_spaces_are_left_alone(tmp_path: Path) -> None:
    """Two columns or eight would put the key below different ones: nobody knows which."""
    spec = tmp_path / "mlops.yaml"
    text = GOOD.replace("    evaluate: {", "\tevaluate: {")
    spec.write_text(text)
    done = run(tmp_path, "--fix")
    assert (done.exit_code, spec.read_text()) == (1, text)
    assert done.output.startswith("error[MLC102]: a tab cannot indent in YAML\n  --> mlops.yaml:27:1\n")


def test_a_key_that_stands_twice_with_one_value_is_removed(tmp_path: Path) -> None:
    """With different values it is not certain which one counts."""
    spec = tmp_path / "mlops.yaml"
    spec.write_text(GOOD.replace("      distance: float\n", "      distance: float\n      distance: float\n"))
    assert (run(tmp_path, "--fix").exit_code, spec.read_text()) == (0, GOOD)
    spec.write_text(GOOD.replace("      distance: float\n", "      distance: float\n      distance: integer\n"))
    assert run(tmp_path, "--fix").exit_code == 1
    assert "distance: integer" in spec.read_text()


def test_fix_writes_behind_a_link_within_the_repository(tmp_path: Path) -> None:
    """The link stays a link."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "shared").mkdir()
    (tmp_path / "project").mkdir()
    real = tmp_path / "shared" / "mlops.yaml"
    real.write_text(wrong(GOOD, {"from: flights": "from: flight"}))
    link = tmp_path / "project" / "mlops.yaml"
    link.symlink_to(real)
    assert run(tmp_path / "project", "--fix").exit_code == 0
    assert link.is_symlink()
    assert real.read_text() == GOOD


def test_fix_refuses_a_link_out_of_the_repository_and_a_read_only_file(tmp_path: Path) -> None:
    """With words on what to do, and without a change."""
    text = wrong(GOOD, {"from: flights": "from: flight"})
    (tmp_path / "project").mkdir()
    real = tmp_path / "mlops.yaml"
    real.write_text(text)
    (tmp_path / "project" / "mlops.yaml").symlink_to(real)
    with pytest.raises(MlopscError, match=r"mlops.yaml is a symbolic link that leads outside of .*project"):
        run(tmp_path / "project", "--fix")
    real.chmod(0o444)
    with pytest.raises(MlopscError, match=r"mlops.yaml is read-only; allow writing with `chmod u\+w mlops.yaml`"):
        run(tmp_path, "--fix")
    assert real.read_text() == text


def test_a_file_that_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    """What somebody saves while the check runs is theirs."""
    (tmp_path / "mlops.yaml").write_text("new")
    with pytest.raises(MlopscError, match=r"mlops.yaml changed while it was checked; nothing was fixed"):
        spec_writer.overwrite({"mlops.yaml": b"old"}, {"mlops.yaml": b"x"}, Roots(project=tmp_path, git=tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["mlops.yaml"]
    assert (tmp_path / "mlops.yaml").read_text() == "new"


def test_a_fix_that_does_harm_is_dropped_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that promises too much: its edit breaks the file, brings up problems, or mends nothing."""
    (tmp_path / "mlops.yaml").write_text(wrong(GOOD, {"from: flights": "from: flight"}))

    def promised(spec: Path, edited: Mapping[str, bytes] | None = None) -> Analysis:
        found = analyse(spec, edited)
        bad = (
            _promise("breaks", 5, "value", (10, 19), "{"),
            _promise("empties", 10, "key", (7, 15), "distanze"),
            _promise("stays", 8, "key", (7, 16), "flight_id"),
        )
        text = found.sources.files["mlops.yaml"].text
        left = [one for one in bad if one.message != "empties" or "distanze" not in text]
        return replace(found, diagnostics=(*found.diagnostics, *left))

    monkeypatch.setattr(mending, "analyse", promised)
    done = mending.mend(tmp_path / "mlops.yaml")
    assert done.after["mlops.yaml"].decode() == GOOD
    assert [one.message for one in done.fixed] == ["unknown dataset 'flight'"]
    assert {one.diagnostic.message: one.reason for one in done.dropped} == {
        "breaks": "the problem would stay",
        "empties": "it would bring up 1 other problem",
        "stays": "the problem would stay",
    }


def _promise(message: str, line: int, place: str, columns: tuple[int, int], text: str) -> Diagnostic:
    span = Span(file="mlops.yaml", line=line, column=columns[0], end_line=line, end_column=columns[1])
    repair = Repair(span=span, place="key" if place == "key" else "value", value=text)
    return Diagnostic(
        code="MLC999", severity=Severity.WARNING, message=message, primary=Label(span=span), fix=(repair,)
    )


def test_fixes_on_the_same_characters_take_turns(tmp_path: Path) -> None:
    """A mistyped item that also stands twice: first one fix, then what is left to mend."""
    spec = tmp_path / "mlops.yaml"
    spec.write_text(wrong(GOOD, {"[roc_auc, accuracy]": "[roc_auc, acuracy, acuracy]"}))
    done = run(tmp_path, "--fix")
    assert (done.exit_code, spec.read_text()) == (0, GOOD)


def test_fix_with_a_machine_format_prints_what_remains(tmp_path: Path) -> None:
    """Standard output is the report; the words are beside it."""
    (tmp_path / "mlops.yaml").write_text(wrong(GOOD, {"from: flights": "from: flight"}))
    done = run(tmp_path, "--fix", "--format", "json")
    assert done.stdout == '{\n  "diagnostics": [],\n  "summary": {\n    "errors": 0,\n    "warnings": 0\n  }\n}\n'
    assert done.stderr == "fixed: mlops.yaml:14:11: unknown dataset 'flight' [MLC201]\n\n"


WORDS = sorted({found[0] for found in re.finditer(r"[a-z_]{5,}", GOOD)})
SLIPS: dict[str, Callable[[str, int], str]] = {
    "left out": lambda word, at: word[:at] + word[at + 1 :],
    "twice": lambda word, at: word[: at + 1] + word[at:],
    "exchanged": lambda word, at: word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
    "dashed": lambda word, _: word.replace("_", "-"),
    "quoted": lambda word, _: f"'{word}'",
}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(sorted(SLIPS)), st.integers(0, 9)), max_size=4))
def test_fixes_never_leave_more_problems(slips: list[tuple[str, str, int]]) -> None:
    """Whatever is mistyped: fewer problems than before or the very same text, and every comment is still there."""
    text = GOOD
    for word, slip, at in slips:
        text = text.replace(word, SLIPS[slip](word, min(at, len(word) - 1)), 1)
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder) / "mlops.yaml"
        spec.write_text(text)
        before, done = analyse(spec), mending.mend(spec)
    after = done.after.get("mlops.yaml", text.encode()).decode()
    fewer = len(done.analysis.diagnostics) < len(before.diagnostics)
    assert fewer if done.fixed else after == text
    assert re.findall(r"#.*", after) == re.findall(r"#.*", text)


def test_check_of_a_good_spec_imports_nothing_of_this(tmp_path: Path) -> None:
    """Places inside strings, fixes, widths and reports cost only who needs them."""
    (tmp_path / "mlops.yaml").write_text(GOOD)
    program = (
        "import sys; from mlopsc.cli.check import command; command([sys.argv[1]], standalone_mode=False); "
        "print(sorted({name for name in sys.modules if name.startswith('mlopsc.reporters')} | "
        "{'mlopsc.fixes', 'mlopsc.mending', 'mlopsc.scalars', 'mlopsc.respelling', 'wcwidth', 'jsonschema'} "
        "& set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "mlops.yaml: 1 model, 0 monitors: no problems\n[]\n"
