"""``dvc``: every step as a stage, so that ``dvc repro`` runs what changed and ``dvc push`` keeps what came out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...artifact import Artifact, Template, Text, Tree
from ...diagnostics import Finding, Mark
from ...model.models import Tune
from ...model.values import valid_items
from ..base import Context, TargetFinding
from ..codes import DVC_REMOTE
from .stages import pipeline
from .views import SetupView, remote, requirement

PIPELINE = """\

Every step as a stage: `dvc repro` runs those whose data, code or parameters changed, and what follows from them.
`sh mlops/dvc/setup.sh`, once, makes this folder a DVC repository. `python` has to be the one with the requirements."""


class Dvc:
    """A pipeline of DVC beside the spec, and what sets DVC up; the parameters come from the Python target."""

    name = "dvc"
    serves: tuple[tuple[str, str], ...] = (("data_versioning", "dvc"),)

    def applies(self, context: Context) -> bool:
        """Whether the stack names it."""
        return context.project.spec.stack.data_versioning == "dvc"

    def check(self, context: Context) -> Iterator[TargetFinding]:
        """A storage that DVC cannot write to."""
        storage = context.project.spec.storage
        if storage is not None and storage.url and remote(storage.url) is None:
            yield DVC_REMOTE.found(
                Finding(
                    message="DVC cannot keep data in this storage",
                    mark=Mark(path=(*storage.path, "url"), at="value", text="`dvc push` would have nowhere to go"),
                    help="name a bucket or a folder, or run `dvc remote add` with one after `sh mlops/dvc/setup.sh`",
                )
            )

    def artifacts(self, context: Context) -> Iterable[Artifact]:
        """The pipeline, what it must not look at, and the script that sets DVC up."""
        storage = context.project.spec.storage.url if context.project.spec.storage else None
        view = SetupView(remote=remote(storage) if storage else None)
        models = valid_items(context.project.models)
        tuned = [name for name, model in models if isinstance(model.spec.tune, Tune)]
        yield Artifact(path="dvc.yaml", content=Tree(data=pipeline(context.plan, tuned), comment=PIPELINE))
        yield Artifact(path="mlops/.dvcignore", content=Text(text="__pycache__/\n"))
        yield Artifact(path="mlops/dvc/requirements.txt", content=Text(text=requirement(storage)))
        yield Artifact(path="mlops/dvc/setup.sh", content=Template(name="dvc/setup.sh.j2", view=view), executable=True)
