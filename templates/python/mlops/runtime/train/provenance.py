"""The registered versions with what made them, held against what would be made now."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..core.config import ModelConfig
from ..core.errors import StepError, UsageError
from ..data import source
from .lineage import code_hash, config_hash
from .registry import open_registry
from .version import Version

WHAT = {"config": "the configuration", "code": "the code"}
SHORT = 12


def report(configs: Sequence[ModelConfig], wanted: str | None, *, as_json: bool) -> str:
    """Every version of the models, or the one that is ``wanted`` (a number, an alias or a run): as text or as JSON."""
    found = [_model(config, wanted) for config in configs]
    if wanted and not any(model["versions"] for model in found):
        known = [_name(version) for config in configs for version in open_registry(config).versions()]
        raise UsageError(f"there is no version '{wanted}'", f"there is: {', '.join(known) or 'none yet'}")
    if as_json:
        return json.dumps({"models": found}, indent=2, sort_keys=True)
    return "\n\n".join(_text(model) for model in found)


def _model(config: ModelConfig, wanted: str | None) -> dict[str, Any]:
    now = facts(config)
    versions = [version for version in open_registry(config).versions() if wanted is None or _is(version, wanted)]
    return {
        "model": config.model,
        "now": now,
        "versions": [
            {
                "name": version.name,
                "version": version.version,
                "aliases": list(version.aliases),
                "registered": version.created,
                "run_id": version.run_id,
                "made_of": dict(sorted(version.tags.items())),
                "changed": changes(version.tags, now),
            }
            for version in versions
        ],
    }


def facts(config: ModelConfig) -> dict[str, str]:
    """What a version registered now would be made of, as its tags say it; data that is not here is left out."""
    found = {"config": config_hash(config), "code": code_hash(config)}
    for label, dataset in config.training_data.items():
        try:
            content = source.fingerprint(dataset.source, label)
        except StepError:  # not on this machine: nothing can be said about it
            continue
        if content:
            found[f"data.{label}"] = content
    return found


def changes(recorded: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What of a version would be different now, in words."""
    found = [words for name, words in WHAT.items() if name in recorded and recorded[name] != now.get(name)]
    data = [name for name in now if name.startswith("data.") and name in recorded and recorded[name] != now[name]]
    return [*found, *(f"the data of {name.removeprefix('data.')}" for name in data)]


def _is(version: Version, wanted: str) -> bool:
    return wanted in {version.version, version.run_id, *version.aliases}


def _name(version: Version) -> str:
    return " ".join([version.version, *(f"({alias})" for alias in version.aliases)])


def _text(model: Mapping[str, Any]) -> str:
    if not model["versions"]:
        return f"no version of '{model['model']}' is registered yet"
    return "\n\n".join(_version_text(version) for version in model["versions"])


def _version_text(version: Mapping[str, Any]) -> str:
    aliases = f" ({', '.join(version['aliases'])})" if version["aliases"] else ""
    made = version["made_of"]
    lines = [f"{version['name']} {version['version']}{aliases}, registered {version['registered']}"]
    lines += [f"  data    {label}: {_short(made[f'data.{label}'])}{_dvc(made, label)}" for label in _labels(made)]
    named = (("config", "config"), ("code", "code"), ("spec", "spec"), ("git_commit", "commit"))
    lines += [f"  {title:<7} {_short(made[name])}" for name, title in named if made.get(name)]
    long = (("parameters", "params"), ("environment", "with"), ("gates", "gates"))
    lines += [f"  {title:<7} {made[name]}" for name, title in long if made.get(name)]
    changed = ", ".join(version["changed"])
    if changed:
        lines.append(f"  stale: {changed} changed since")
    elif set(WHAT) <= set(made):
        lines.append("  current: nothing that it is made of has changed")
    return "\n".join(lines)


def _labels(made: Mapping[str, str]) -> list[str]:
    return [name.removeprefix("data.") for name in made if name.startswith("data.")]


def _dvc(made: Mapping[str, str], label: str) -> str:
    return f" (DVC: {made[f'dvc.{label}']})" if f"dvc.{label}" in made else ""


def _short(digest: str) -> str:
    return digest[:SHORT]
