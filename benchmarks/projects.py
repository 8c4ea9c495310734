"""The projects that are measured: what their specs say, at any size, the same at every call."""

from __future__ import annotations

from textwrap import dedent

QUICK_START = dedent("""\
    version: 1
    data:
      penguins:
        source: data/penguins.csv
        columns: {species: string, island: string, sex: "string?", bill_length_mm: "float?",
                  bill_depth_mm: "float?", flipper_length_mm: "float?", body_mass_g: "float?"}
    models:
      penguin-species:
        label: species
        train: {estimator: sklearn.ensemble.RandomForestClassifier}
        gates: [{metric: accuracy, min: 0.9}]
    """)

HEAD = """\
version: 1
project: {name: fleet, owner: platform, python: "3.11"}
stack: {ci: github-actions, deploy: compose, alerts: [github-issue]}
variables: [MLFLOW_TRACKING_URI]
storage: {url: "s3://acme-ml/fleet"}
images: {registry: ghcr.io/acme}

data:
"""

DATASET = """\
  trips_{i}:
    source: {{kind: parquet, path: data/trips_{i}.parquet}}
    key: [trip_id]
    time: requested_at
    columns:
      trip_id:      {{type: string, unique: true}}
      requested_at: {{type: timestamp}}
      picked_up_at: {{type: timestamp, nullable: true}}
      vendor:       {{type: string, max_distinct: 30}}
      zone:         {{type: string, allowed: [centre, north, south]}}
      weather:      {{type: string, nullable: true}}
      distance:     {{type: float, min: 0}}
      passengers:   {{type: integer, min: 0, max: 8}}
      wait:         {{type: float, nullable: true, known_at: picked_up_at}}
      duration:     {{type: float, nullable: true, available_after: 1d}}
    checks:
      - {{kind: row_count, min: 10000}}
      - {{kind: null_fraction, column: duration, max: 0.05}}
"""

FEATURES = """\
  trip_features_{i}:
    from: trips_{data}
    columns:
      vendor: {{}}
      zone: {{}}
      distance: {{}}
      wait: {{}}
      hour: {{sql: "extract(hour from requested_at)"}}
      far: {{sql: "case when distance > {far} then 1 else 0 end"}}
      per_head: {{sql: "distance / (passengers + {more})"}}
      vendor_duration_7d:
        {{aggregate: "avg(duration)", by: [vendor], window: 7d, lag: 1d}}
    online: {{store: sqlite, missing: "null"}}
"""

MODEL = """\
  late-{i}:
    owner: team-{team}
    task: binary-classification
    features: [trip_features_{i}]
    predict_at: picked_up_at
    label: {{sql: "duration > {bound}", nulls: drop}}
    split: {{by: time, validation: 15%, test: 15%}}
    train:
      estimator: sklearn.ensemble.HistGradientBoostingClassifier
      params: {{max_iter: {iterations}, learning_rate: 0.1}}
      seed: {i}
    evaluate:
      metrics: [roc_auc, average_precision, log_loss]
      slices: [vendor, zone]
    gates:
      - {{metric: roc_auc, min: 0.7}}
      - {{metric: average_precision, vs: champion, min_delta: -0.005, without_champion: pass}}
      - {{metric: roc_auc, slice: zone, min: 0.6, min_rows: 500, insufficient: fail}}
      - {{latency_p95: 20ms}}
    retrain: {{schedule: "{minute} 2 * * 1"}}
    deploy:
      api: {{port: {port}, log_predictions: {{sample: 100%, retention: 90d}}}}
"""

MONITORS = """\
  drift-{i}:
    model: late-{i}
    kind: data-drift
    schedule: "{minute} 6 * * *"
    window: 1d
    threshold: 0.2
    breaches: 2 of 3
    cooldown: 24h
    on_breach: [alert, retrain]
"""

MODELS_PER_DATASET = 20


def fleet(models: int, *, changed: int | None = None) -> str:
    """A spec with so many models, each with features in SQL, gates, slices, an API and a monitor: 44 lines a model.

    ``changed`` is the number of a model whose training differs.
    """
    datasets = range((models + MODELS_PER_DATASET - 1) // MODELS_PER_DATASET)
    numbers = range(models)
    return "".join(
        (
            HEAD,
            *(DATASET.format(i=i) for i in datasets),
            "\nfeatures:\n",
            *(FEATURES.format(i=i, data=i // MODELS_PER_DATASET, far=5 + i % 97, more=1 + i % 7) for i in numbers),
            "\nmodels:\n",
            *(_model(i, iterations=77 if i == changed else 100 + i % 100) for i in numbers),
            "\nmonitors:\n",
            *(MONITORS.format(i=i, minute=i % 60) for i in numbers),
        )
    )


def _model(number: int, *, iterations: int) -> str:
    return MODEL.format(
        i=number,
        team=number % 9,
        bound=10 + number % 31,
        iterations=iterations,
        minute=number % 60,
        port=8000 + number % 1000,
    )


DBT_PROJECT = """\
name: fleet
version: "1.0"
profile: fleet
model-paths: [models]
"""

DBT_PROFILES = """\
fleet:
  target: dev
  outputs:
    dev: {type: duckdb, path: fleet.duckdb}
"""

DBT_SQL = """\
select
    trip_id,
    requested_at,
    vendor,
    zone,
    distance,
    extract(hour from requested_at) as hour,
    case when distance > {far} then 1 else 0 end as far,
    distance / (passengers + {more}) as per_head,
    duration > {bound} as late
from {source}
where requested_at is not null
"""

DBT_YAML = """\
  - name: late_{i}
    description: Trips that come late, number {i}
    columns:
      - name: trip_id
        description: The trip
        data_tests: [unique, not_null]
      - name: requested_at
        description: When it was asked for
      - name: vendor
        description: Who drives
        data_tests: [not_null]
      - name: zone
        description: Where it begins
      - name: distance
        description: How far it goes
      - name: hour
        description: The hour of the day
      - name: far
        description: Whether it is far
      - name: per_head
        description: The distance of each passenger
      - name: late
        description: Whether it came late
        data_tests: [not_null]
"""

DBT_CHAIN = 10
"""Each model of dbt but every tenth reads the one before it."""


def dbt_fleet(models: int) -> dict[str, str]:
    """A dbt project with so many models, by path; about as many lines a model as ``fleet`` has."""
    files = {"dbt_project.yml": DBT_PROJECT, "profiles.yml": DBT_PROFILES}
    for i in range(models):
        source = f"{{{{ ref('late_{i - 1}') }}}}" if i % DBT_CHAIN else "trips"
        values = {"far": 5 + i % 97, "more": 1 + i % 7, "bound": 10 + i % 31}
        files[f"models/late_{i}.sql"] = DBT_SQL.format(source=source, **values)
    files["models/schema.yml"] = "version: 2\nmodels:\n" + "".join(DBT_YAML.format(i=i) for i in range(models))
    return files


def penguins(models: int) -> str:
    """The quick start with its model so many times."""
    head, model = QUICK_START.split("models:\n")
    return head + "models:\n" + "".join(model.replace("species:", f"species-{i}:", 1) for i in range(models))


KFP_TEN = '''\
"""Ten container steps, each after the one before it."""

from kfp import compiler, dsl


@dsl.container_component
def step(text: str):
    return dsl.ContainerSpec(image="python:3.11", command=["python", "-c", "print(1)"], args=[text])


@dsl.pipeline(name="ten")
def ten(text: str = "a"):
    before = None
    for number in range(10):
        task = step(text=text).set_display_name(f"step {number}")
        if before is not None:
            task.after(before)
        before = task


compiler.Compiler().compile(ten, "ten.yaml")
'''

DVC_STAGES = 10


def dvc_chain() -> str:
    """Stages that each copy the file of the one before."""
    stages = ["stages:"]
    for i in range(DVC_STAGES):
        before = f"out-{i - 1}.txt" if i else "in.txt"
        stages += [f"  s{i}:", f"    cmd: cp {before} out-{i}.txt", f"    deps: [{before}]", f"    outs: [out-{i}.txt]"]
    return "\n".join(stages) + "\n"
