"""What each workflow template sees; ``*_expression`` fields are text of ours in the syntax of GitHub's expressions."""

from __future__ import annotations

from ...records import record


@record
class Uses:
    """The third-party actions, each with its commit and the version in a comment."""

    checkout: str
    setup_python: str
    upload_artifact: str


@record
class Variable:
    """One environment variable of a job or a step, and the expression that fills it."""

    name: str
    expression: str


@record
class Shared:
    """What every workflow of one project has in common."""

    project: str
    folder: str  # the project folder with a slash at its end; empty at the Git root
    python: str
    uses: Uses
    dvc: bool  # whether data may be tracked by DVC, and is fetched by it
    own_registry: bool  # whether the home is in the repository's own container registry
    environment: str | None  # GitHub environment that holds the secrets; None where there are none
    secrets: tuple[str, ...]  # which a called workflow gets only by name, even those of its own environment
    job_env: tuple[Variable, ...]
    home_env: tuple[Variable, ...]  # of the steps that fetch and keep the home
    step_env: tuple[Variable, ...]  # of the steps of a model
    monitor_env: tuple[Variable, ...]  # of the monitors, which alert


@record
class CronView:
    """One schedule; None is UTC."""

    cron: str
    timezone: str | None


@record
class CheckedModel:
    """A model whose data contract can be checked in CI when its data is in the repository."""

    name: str
    data: str  # glob below the Git root, or empty where the data is elsewhere


@record
class CiView:
    """The workflow of every pull request; it needs no secret."""

    shared: Shared
    tested: bool  # whether there are features that a test can prove
    hashed: bool  # whether the compiler is pinned by hash, which would have to hold for all that it needs
    models: tuple[CheckedModel, ...]


@record
class Phase:
    """Steps of a model that one line of the workflow runs."""

    title: str
    steps: str  # their names, as the command line takes them


@record
class TrainedModel:
    """One training job."""

    name: str
    after: str | None  # the job before it: they take turns, since each changes the home
    when: str  # expression
    phases: tuple[Phase, ...]
    served: bool


@record
class TrainView:
    """The training workflow: pushes, schedules, people and monitors start it."""

    shared: Shared
    paths: tuple[str, ...]  # a push that changes none of them trains nothing
    schedules: tuple[CronView, ...]
    models: tuple[TrainedModel, ...]


@record
class Stage:
    """One environment that a version moves through."""

    environment: str
    needs: str  # the job before it, as it continues a list
    runs_on: str


@record
class DeployView:
    """The deployment of one model, named by whoever calls."""

    shared: Shared
    models: tuple[str, ...]
    image: str  # without a tag; may hold an expression over inputs.model
    registry: str  # host to log in to
    registry_is_own: bool  # whether the job's own token opens it
    registered: bool  # whether versions have numbers and a champion; else the commit names the image
    store_env: tuple[Variable, ...]  # where the online stores are that an image asks
    stages: tuple[Stage, ...]
    last: str  # the last release, as it continues a list


@record
class MonitorJob:
    """One monitor."""

    name: str
    after: str | None  # the job before it: they take turns, since each changes the home
    when: str  # expression


@record
class RetrainJob:
    """The training that breaches of some monitors ask for."""

    model: str
    needs: str  # jobs
    when: str  # expression
    served: bool


@record
class MonitorView:
    """The scheduled monitors and what their breaches start."""

    shared: Shared
    schedules: tuple[CronView, ...]
    monitors: tuple[MonitorJob, ...]
    retrains: tuple[RetrainJob, ...]
    issues: bool  # whether alerts are issues of the repository


@record
class BatchJob:
    """One scheduled scoring."""

    model: str
    after: str | None  # the job before it: they take turns, since each changes the home
    when: str  # expression
    output: str | None  # where a file that the spec wants beside itself goes instead


@record
class BatchView:
    """The scheduled scoring of whole datasets."""

    shared: Shared
    schedules: tuple[CronView, ...]
    jobs: tuple[BatchJob, ...]


@record
class RefreshJob:
    """One feature set whose stored features are computed again."""

    name: str  # as the spec has it
    job: str
    after: str | None  # the job before it: they take turns, since each changes the home
    when: str  # expression


@record
class FeaturesView:
    """The scheduled refresh of the online stores."""

    shared: Shared
    schedules: tuple[CronView, ...]
    jobs: tuple[RefreshJob, ...]
