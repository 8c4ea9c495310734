"""Specs as data: the ones that tests start from, changes of them, and their text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mlopsc.loader import load_text

REPOSITORY = Path(__file__).resolve().parents[3]
_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")

Path_ = tuple[str | int, ...]


@cache
def texts() -> Mapping[str, str]:
    """Specs that check without a problem, by name: the examples, the reference, and the twin of every diagnostic."""
    found = {path.parent.name: path for path in sorted((REPOSITORY / "examples").glob("*/mlops.yaml"))}
    found["reference"] = REPOSITORY / "tests" / "fixtures" / "flight-delays.mlops.yaml"
    found |= {f"wide-{path.stem}": path for path in sorted(Path(__file__).with_name("specs").glob("*.yaml"))}
    cases = REPOSITORY / "compiler" / "checks" / "cases"
    found |= {path.parent.name: path for path in sorted(cases.glob("*/good.yaml"))}
    return {name: path.read_text(encoding="utf-8") for name, path in found.items()}


@cache
def bases() -> Mapping[str, dict[str, Any]]:
    """The same as data, without what they include from other files."""
    loaded = {name: load_text(text, "mlops.yaml").data for name, text in texts().items()}
    return {name: data for name, data in loaded.items() if data is not None and "include" not in data}


def folder_of(name: str) -> Path | None:
    """The folder with the other files of a base: packages of its own, for one."""
    for folder in (REPOSITORY / "examples" / name, REPOSITORY / "compiler" / "checks" / "cases" / name):
        if folder.is_dir():
            return folder
    return None


def as_yaml(data: Any) -> str:
    """The data as a spec: JSON, which is YAML, with an escape for every character that an editor would not show."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match.group()):04x}", text) + "\n"


def as_block(data: Any) -> str:
    """The data in block style, as a person would indent it; texts in the quotes that PyYAML chooses."""
    text: str = yaml.dump(data, Dumper=_Quoting, sort_keys=False, allow_unicode=True, width=80)
    return text


class _Quoting(yaml.SafeDumper):
    """Quotes every text, since ours are not the rules of YAML 1.1 for what is a number; never an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write a value again."""
        del data
        return True


_Quoting.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else '"')
)


def value_at(data: Any, path: Path_) -> Any:
    """What stands at ``path``."""
    for part in path:
        data = data[part]
    return data


def with_value(data: Any, path: Path_, value: Any) -> Any:
    """A copy with ``value`` at ``path``; what is missing on the way is made."""
    if not path:
        return value
    part, rest = path[0], path[1:]
    if isinstance(part, int):
        items = list(data) if isinstance(data, list) else []
        items += [None] * (part + 1 - len(items))
        items[part] = with_value(items[part], rest, value)
        return items
    copy = dict(data) if isinstance(data, dict) else {}
    copy[part] = with_value(copy.get(part), rest, value)
    return copy


def renamed(data: Any, old: str, new: str) -> Any:
    """A copy in which the name ``old`` is ``new`` wherever it is a whole key, a whole value or a word of SQL."""
    if isinstance(data, dict):
        return {new if key == old else key: renamed(item, old, new) for key, item in data.items()}
    if isinstance(data, list):
        return [renamed(item, old, new) for item in data]
    if not isinstance(data, str):
        return data
    if data == old:
        return new
    quoted = '"' + new.replace('"', '""') + '"'
    return re.sub(rf"(?<![\w'\"./-]){re.escape(old)}(?![\w'\"./-])", lambda _: quoted, data) if " " in data else data
