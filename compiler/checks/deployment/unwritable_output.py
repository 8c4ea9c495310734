"""A batch whose output is not the local Parquet file that the generated code writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from ...diagnostics import Finding, Mark
from ...model.models import Batch
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import specs

GENERATED = "mlops"


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every output that is a URL, a folder, another format, or below the folder that compiling owns."""
    for model in specs(project):
        batch = model.deploy.batch
        if isinstance(batch, Batch) and "${" not in batch.output:
            found = _problem(model.name, batch.output)
            if found is not None:
                yield Finding(
                    message=found[0],
                    mark=Mark(path=(*batch.path, "output"), at="value"),
                    help=f"write: output: {found[1]}",
                )


def _problem(model: str, output: str) -> tuple[str, str] | None:
    path = PurePosixPath(output)
    mended = f"predictions/{model}.parquet"
    if "://" in output:
        return f"scores are written to a file of the project, and '{output}' is a URL", f"predictions/{path.name}"
    if path.parts[:1] == (GENERATED,):
        return f"'{output}' lies in the folder of generated files", f"predictions/{path.name}"
    if output.endswith("/") or not path.suffix:
        return f"'{output}' is a folder, and scores are one file", (path / f"{model}.parquet").as_posix()
    if path.suffix.lower() not in (".parquet", ".pq"):
        return f"scores are written as Parquet, and '{output}' says otherwise", path.with_suffix(".parquet").as_posix()
    return None if "{" not in output else (f"'{output}' is taken as it is written, braces and all", mended)


CHECK = Check(
    code="MLC640",
    title="batch output that cannot be written",
    explanation="A batch writes one Parquet file below the project folder, and each run replaces it; on GitHub it is "
    "kept as an artifact. A name that ends in `.csv` would hold Parquet all the same, a URL would become a folder "
    "named `s3:`, and what lies in `mlops/` belongs to the compiler.",
    run=find,
)
