"""Step ``package``: everything that serving, batches and monitors need of a model, in one folder."""

from __future__ import annotations

import json
import shutil
from typing import Any

import numpy as np

from ..core import duck, paths
from ..core.config import Column, ModelConfig, RequestField
from ..core.errors import StepError
from ..core.files import missing, read_json, replacing_folder, write_json
from ..core.paths import Work
from ..features.batch import RAW, open_datasets
from ..features.modules import load_modules, project_features
from ..features.store_packaged import write_packaged
from ..features.stores import PACKAGED
from .reference import reference

HIDDEN: dict[str, Any] = {"string": "hidden", "integer": 0, "float": 0.0, "boolean": False}
"""What stands for a personal value in the sample request: a package leaves this machine."""


def package(config: ModelConfig, work: Work) -> str:
    """Put the registered package in place, with its version."""
    registered = read_json(work.registered, "register")
    if not work.candidate.exists():
        raise missing(work.candidate, "register")
    target = work.folder / "package"
    with replacing_folder(target) as temporary:
        shutil.copytree(work.candidate, temporary, dirs_exist_ok=True)
        write_json(temporary / "version.json", registered)
    sizes = [file.stat().st_size for file in target.rglob("*") if file.is_file()]
    return f"{config.model} version {registered['version']}: {len(sizes)} files, {sum(sizes) / 1e6:.2f} MB"


def assemble(config: ModelConfig, work: Work) -> None:
    """Build the package as it is registered, all of it or nothing."""
    for needed, step in ((work.model, "train"), (work.metrics, "evaluate"), (work.gates, "gate")):
        if not needed.exists():
            raise missing(needed, step)
    with replacing_folder(work.candidate) as folder:
        for file in (work.model, work.model_card, work.metrics, work.gates, paths.config_file(config.model)):
            shutil.copy(file, folder / file.name)
        if work.seen.exists():
            shutil.copy(work.seen, folder / work.seen.name)
        modules = load_modules(config, project_features())
        (folder / "features").mkdir()
        for name in modules:
            shutil.copy(project_features() / f"{name}.py", folder / "features" / f"{name}.py")
        write_json(folder / "reference.json", reference(config, work))
        write_json(folder / "sample_request.json", test_request(config, work))
        if (paths.GENERATED / "feast").is_dir():  # a package brings along how its features are looked up
            shutil.copytree(paths.GENERATED / "feast", folder / "feast", ignore=shutil.ignore_patterns("__pycache__"))
        for shared in ("features", "feast"):  # a service in a container is given these folders as they are here
            (paths.home() / shared).mkdir(exist_ok=True)
        if any(module.windows or module.joins for module in modules.values()):
            with duck.connection() as database:
                open_datasets(database, config, work)
                write_packaged(database, config, modules, folder / PACKAGED)


def sample_request(config: ModelConfig, work: Work) -> str:
    """One real request as JSON, from the package or else from the test rows."""
    packaged = work.package / "sample_request.json"
    request = read_json(packaged, "package") if packaged.exists() else test_request(config, work)
    return json.dumps(request, indent=2, ensure_ascii=False)


def test_request(config: ModelConfig, work: Work) -> dict[str, Any]:
    """The newest test row that has a value in every field of a request, or in most of them."""
    path = work.rows("test")
    if not path.exists():
        raise missing(path, "split")
    names = [duck.name(RAW + field.name) for field in config.request]
    if not names:
        return {}
    with duck.connection() as database:
        absent = " + ".join(f"CAST({name} IS NULL AS INTEGER)" for name in names)
        numbered = f"SELECT *, row_number() OVER () AS __place FROM {duck.scan(path)}"
        query = f"SELECT {', '.join(names)} FROM ({numbered}) ORDER BY {absent}, __place DESC LIMIT 1"
        rows = database.execute(query).fetchall()
    if not rows:
        raise StepError("there are no test rows", "give 'split.test' a share")
    columns = config.datasets[config.dataset].columns
    return {
        field.name: _shown(field, columns[field.name], value)
        for field, value in zip(config.request, rows[0], strict=True)
    }


def _shown(field: RequestField, column: Column, value: Any) -> Any:
    if column.pii:
        return column.allowed[0] if column.allowed else HIDDEN.get(field.type)
    if isinstance(value, np.generic):
        return value.item()
    return value.isoformat() if hasattr(value, "isoformat") else value
