"""A breach opens one issue and comments on it afterwards, against a server that answers as GitHub does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

RUNTIME = "mlopsc.templates.python.mlops.runtime"
alerts = import_module(f"{RUNTIME}.monitor.alerts")
errors = import_module(f"{RUNTIME}.core.errors")

ALERT = alerts.Alert(monitor="drift", title="Monitor drift breached", body="| measure | value |")


class Tracker:
    """The issues of one repository, and faults to answer with first."""

    def __init__(self) -> None:
        self.issues: list[dict[str, Any]] = []
        self.comments: list[tuple[int, str]] = []
        self.faults: list[int] = []
        self.seen: list[tuple[str, str | None]] = []
        self.url = ""


class Handler(BaseHTTPRequestHandler):
    """The part of GitHub's interface that an alert uses."""

    tracker: Tracker

    def do_GET(self) -> None:
        """List the open issues with a label."""
        if not self._fault():
            wanted = parse_qs(urlsplit(self.path).query)["labels"][0]
            self._answer(200, [i for i in self.tracker.issues if wanted in i["labels"] and i["state"] == "open"])

    def do_POST(self) -> None:
        """Open an issue, or comment on one."""
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._fault():
            return
        if self.path.endswith("/comments"):
            self.tracker.comments.append((int(self.path.split("/")[-2]), content["body"]))
            self._answer(201, {"id": 1})
            return
        self.tracker.issues.append({**content, "number": len(self.tracker.issues) + 1, "state": "open"})
        self._answer(201, self.tracker.issues[-1])

    def log_message(self, *_: object) -> None:
        """Keep the output of the tests clean."""

    def _answer(self, status: int, content: object) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _fault(self) -> bool:
        self.tracker.seen.append((self.command, self.headers["Authorization"]))
        if not self.tracker.faults:
            return False
        self._answer(self.tracker.faults.pop(0), {"message": "no"})
        return True


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tracker]:
    """A tracker on a free loopback port, named by the environment as in a GitHub job."""
    tracker = Tracker()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"tracker": tracker}))
    tracker.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("GITHUB_API_URL", tracker.url)
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/flight-delays")
    monkeypatch.setenv("GITHUB_TOKEN", "secret-token")
    monkeypatch.setattr(alerts, "PAUSE_SECONDS", 0.0)
    yield tracker
    server.shutdown()
    thread.join()
    server.server_close()


def test_alert_opens_one_issue_and_then_comments(github: Tracker) -> None:
    """Three breaches are one issue with two comments; after it is closed, the next breach opens another."""
    said = [alerts.send("github-issue", ALERT).text for _ in range(3)]
    assert said == ["issue #1", "comment on issue #1", "comment on issue #1"]
    assert github.issues == [
        {
            "title": "Monitor drift breached",
            "body": "| measure | value |",
            "labels": ["monitor:drift"],
            "number": 1,
            "state": "open",
        }
    ]
    assert github.comments == [(1, "| measure | value |")] * 2
    assert {token for _, token in github.seen} == {"Bearer secret-token"}
    github.issues[0]["state"] = "closed"
    assert alerts.send("github-issue", ALERT).text == "issue #2"


def test_alert_of_another_monitor_has_its_own_issue(github: Tracker) -> None:
    """One issue per monitor, not one for all."""
    alerts.send("github-issue", ALERT)
    assert alerts.send("github-issue", alerts.Alert(monitor="accuracy", title="t", body="b")).text == "issue #2"
    assert len(github.issues) == 2


def test_alert_ignores_a_pull_request_with_its_label(github: Tracker) -> None:
    """GitHub lists pull requests among the issues."""
    github.issues.append({"number": 1, "state": "open", "labels": ["monitor:drift"], "pull_request": {}})
    assert alerts.send("github-issue", ALERT).text == "issue #2"


def test_alert_tries_again_when_github_is_busy(github: Tracker) -> None:
    """A 503 and a 429 are waited out; the issue is opened once."""
    github.faults = [503, 429]
    assert alerts.send("github-issue", ALERT).text == "issue #1"
    assert [method for method, _ in github.seen] == ["GET", "GET", "GET", "POST"]


@pytest.mark.parametrize(("faults", "calls"), [([403], 1), ([502, 502, 502], 3)])
def test_alert_that_is_refused_is_an_error(github: Tracker, faults: list[int], calls: int) -> None:
    """A missing permission fails at once, a broken service after three attempts; both say which host."""
    github.faults = list(faults)
    with pytest.raises(errors.StepError) as raised:
        alerts.send("github-issue", ALERT)
    assert raised.value.message == f"the alert was not sent: {github.url[7:]} answered HTTP {faults[-1]}"
    assert "secret-token" not in str(raised.value)
    assert len(github.seen) == calls


def test_alert_without_a_tracker_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a laptop nothing is sent; in a GitHub job a missing token is an error."""
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    sent = alerts.send("github-issue", ALERT)
    assert (sent.text, sent.delivered) == ("not sent (no GITHUB_REPOSITORY and GITHUB_TOKEN here)", False)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    with pytest.raises(errors.StepError, match="the alert was not sent: GITHUB_TOKEN is not set"):
        alerts.send("github-issue", ALERT)


def test_alert_to_a_webhook_is_one_post(github: Tracker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Title and text as JSON, without GitHub's token."""
    monkeypatch.setenv("MLOPS_WEBHOOK_URL", f"{github.url}/hook")
    assert alerts.send("webhook", ALERT).text == "sent to the webhook"
    assert github.seen == [("POST", None)]
    assert github.issues[0]["title"] == "Monitor drift breached"
