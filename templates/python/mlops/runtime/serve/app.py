# mypy: disable-error-code="import-untyped"
"""The HTTP service of one model: FastAPI, one route for a request, one for many, and what operators need."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any

import uvicorn
from fastapi import Body, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, Field

from ..core import paths
from ..core.config import ModelConfig, PredictionLog
from ..core.errors import StepError
from ..core.personal import guarded, masked
from ..features.store_values import MissingFeatureError
from .log import Filter, PredictionWriter, Record
from .model import Prediction, ServedModel
from .schema import Problem, Refusal, problems, request_model
from .telemetry import Telemetry, online_text

MOST_AT_ONCE = 10_000
REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")


class Answer(BaseModel):
    """The answer to one request."""

    request_id: str
    score: float = Field(description="probability of the answer that the model is about; the value of a regression")
    prediction: bool | int | float | str = Field(description="the decision, the class or the value")
    probabilities: dict[str, float] | None = Field(None, description="every class, for more than two")
    version: str = Field(description="the model version that answered")


class Answers(BaseModel):
    """The answers to many requests, in their order."""

    request_id: str
    predictions: list[Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What the routes share."""

    model: ServedModel
    telemetry: Telemetry
    log: PredictionWriter | None

    def answer(self, raw: Mapping[str, Any], request_id: str) -> Answer:
        """Predict one request and log it."""
        return self.answers([raw], [request_id])[0]

    def answers(self, raws: Sequence[Mapping[str, Any]], ids: Sequence[str]) -> list[Answer]:
        """Predict requests and log each."""
        predictions = self.model.predict(raws)
        self.telemetry.predicted(len(predictions))
        now = datetime.now(UTC)
        for raw, request_id, prediction in zip(raws, ids, predictions, strict=True):
            if self.log is not None:
                self.log.put(self._record(raw, request_id, prediction, now))
        version = self.model.version
        return [
            Answer(
                request_id=request_id,
                score=prediction.score,
                prediction=prediction.decision,
                probabilities=prediction.probabilities,
                version=version,
            )
            for request_id, prediction in zip(ids, predictions, strict=True)
        ]

    def _record(self, raw: Mapping[str, Any], request_id: str, prediction: Prediction, now: datetime) -> Record:
        moment = raw.get(self.model.time_field) if self.model.time_field else None
        return Record(
            request_id=request_id,
            key={name: raw.get(name) for name in self.model.key_fields},
            time=moment if isinstance(moment, datetime) else now,
            features=prediction.features,
            request=raw,
            score=prediction.score,
            decision=prediction.decision,
            probabilities=prediction.probabilities,
            version=self.model.version,
            logged_at=now,
        )


def build_app(config: ModelConfig, model: ServedModel) -> FastAPI:
    """The application of one model; it owns the model and the log, and closes both."""
    telemetry = Telemetry(model=config.model, version=model.version)
    settings = config.api.log if config.api else None
    log = _writer(config, model, settings) if settings else None
    service = Service(model=model, telemetry=telemetry, log=log)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if log is not None:
            log.start()
        yield
        if log is not None:
            log.close()
        model.close()

    app = FastAPI(
        title=config.model,
        version=model.version,
        description=f"Predictions of the model '{config.model}' of project '{config.project}'.",
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
    )
    _add_predictions(app, service)
    _add_operations(app, service, config)
    _add_failures(app, model)
    app.add_middleware(Timing, telemetry=telemetry, routes=frozenset(app.openapi()["paths"]))
    return app


def _writer(config: ModelConfig, model: ServedModel, settings: PredictionLog) -> PredictionWriter:
    kept = settings.retention_seconds
    return PredictionWriter(
        folder=paths.predictions(config.model),
        filter=Filter.of(settings, model.config.features),
        retention=timedelta(seconds=kept) if kept is not None else None,
    )


def _add_predictions(app: FastAPI, service: Service) -> None:
    model = service.model
    shape: Any = request_model(model.config.request, model.sample_request)
    many: Any = Annotated[list[shape], Field(min_length=1, max_length=MOST_AT_ONCE)]
    refusals: dict[int | str, dict[str, Any]] = {422: {"model": Refusal}, 503: {"model": Refusal}}

    async def predict(request: Request, body: Any) -> Answer:
        # On the event loop: one row takes about as long as handing it to another thread would.
        return service.answer(body.model_dump(by_alias=True), request.state.request_id)

    def predict_batch(request: Request, body: Any) -> Answers:
        ids = [f"{request.state.request_id}-{number}" for number in range(len(body))]
        answers = service.answers([item.model_dump(by_alias=True) for item in body], ids)
        return Answers(request_id=request.state.request_id, predictions=answers)

    predict.__annotations__["body"] = shape
    predict_batch.__annotations__["body"] = Annotated[many, Body()]
    post = partial(app.post, responses=refusals, response_model_exclude_none=True, tags=["predictions"])
    post("/predict", summary="One prediction")(predict)
    post("/predict/batch", summary="Many predictions")(predict_batch)


def _add_operations(app: FastAPI, service: Service, config: ModelConfig) -> None:
    model, log = service.model, service.log

    @app.get("/health", tags=["operations"], summary="Does the process live?")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/ready", tags=["operations"], summary="May requests be sent here?", response_model=dict[str, str])
    def ready() -> Any:
        silent = model.features.stored.silent()
        if silent:  # a model whose features may not be missing cannot answer now
            status = f"the online store of '{silent}' does not answer"
            return JSONResponse({"status": status, "version": model.version}, status_code=503)
        return {"status": "ready", "version": model.version}

    @app.get("/metadata", tags=["operations"], summary="What answers here")
    async def metadata() -> dict[str, Any]:
        return {
            "name": config.model,
            "version": model.version,
            "task": model.config.task,
            "features": [feature.name for feature in model.config.features],
            "request": [{"name": f.name, "type": f.type, "nullable": f.nullable} for f in model.config.request],
            "metrics": model.metrics,
        }

    @app.get("/metrics", tags=["operations"], summary="Counters for Prometheus", response_class=PlainTextResponse)
    async def metrics() -> PlainTextResponse:
        names = ("written", "dropped", "failures", "pending")
        counters = {name: int(getattr(log, name)) for name in names} if log is not None else {}
        text = service.telemetry.text(counters) + online_text(model.features.stored.sets)
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


def _add_failures(app: FastAPI, model: ServedModel) -> None:
    def refuse(request: Request, status: int, detail: list[Problem]) -> Response:
        refusal = Refusal(request_id=request.state.request_id, detail=detail)
        return JSONResponse(refusal.model_dump(), status_code=status)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return refuse(request, 422, problems(error.errors(), model.config.request))

    @app.exception_handler(StepError)
    async def unanswerable(request: Request, error: StepError) -> Response:
        return refuse(request, 503, [Problem(field="body", message=str(error.message))])

    @app.exception_handler(Exception)
    async def broken(request: Request, _: Exception) -> Response:  # uvicorn writes the traceback to stderr
        return refuse(request, 500, [Problem(field="body", message="the model failed on this request")])


class UnansweredError(RuntimeError):
    """A failure in a request whose message may have quoted a personal value; it is masked."""


class Timing:
    """Gives every request an id, and counts and times its answer; plain ASGI, so it costs microseconds."""

    def __init__(self, app: Any, telemetry: Telemetry, routes: frozenset[str]) -> None:
        self._app, self._telemetry, self._routes = app, telemetry, routes

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on, its id in ``request.state`` and in the answer's X-Request-ID."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = _request_id(scope["headers"])
        scope.setdefault("state", {})["request_id"] = request_id
        route = scope["path"] if scope["path"] in self._routes else "other"

        async def answer(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
                self._telemetry.answered(route, message["status"], time.perf_counter() - started)
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception as error:
            self._telemetry.answered(route, 500, time.perf_counter() - started)
            if not guarded():
                raise
            # What uvicorn logs of it must not quote the request.
            said = f"{type(error).__name__}: {masked(str(error))}"
            raise UnansweredError(said).with_traceback(error.__traceback__) from None


def _request_id(headers: Sequence[tuple[bytes, bytes]]) -> str:
    given = next((value.decode("latin-1") for name, value in headers if name == b"x-request-id"), "")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


class Server(uvicorn.Server):
    """Says where it listens once it does."""

    async def startup(self, sockets: Any = None) -> None:
        """Start as uvicorn does, then print the address."""
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            print(f"serving on http://{shown}:{port}  (documentation at /docs, Ctrl-C stops)", flush=True)


def serve(config: ModelConfig, *, host: str, port: int) -> None:
    """Answer requests until the process is told to stop; then the log is written to its end."""
    model = ServedModel.load(paths.Work.of(config.model).package)
    if model.sample_request:  # the first request should not be the slow one, nor the one that finds a broken package
        try:
            model.predict([model.sample_request])
        except MissingFeatureError as error:  # the store may be filled later; until then requests are refused
            print(f"warning: {error}", flush=True)
    app = build_app(config, model)
    print(f"{config.model} version {model.version}", flush=True)
    settings = uvicorn.Config(app, host=host, port=port, log_level="warning", access_log=False)
    try:
        socket = settings.bind_socket()
    except SystemExit as error:  # how uvicorn reports a port that is taken
        message = f"cannot listen on {host}:{port}"
        raise StepError(message, "stop what listens there, or take another port (--port 0 finds a free one)") from error
    Server(settings).run(sockets=[socket])
