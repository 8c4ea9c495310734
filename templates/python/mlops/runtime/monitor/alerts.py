"""Telling people, once: a breach opens one issue per monitor, a breach that goes on adds a comment to it."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

from ..core.errors import StepError

ATTEMPTS = 3
PAUSE_SECONDS = 1.0
TIMEOUT_SECONDS = 20
SERVER_ERROR = 500
TOO_MANY = 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What people are told; no value of any single prediction is in it."""

    monitor: str
    title: str
    body: str  # Markdown


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of an alert; where nobody could be told, it is still due."""

    text: str
    delivered: bool = True


def send(channel: str, alert: Alert) -> Sent:
    """Send over one channel of the spec; StepError when that failed."""
    if channel == "github-issue":
        return _github_issue(alert)
    if channel == "webhook":
        return _webhook(alert)
    raise StepError(f"unknown alert channel '{channel}'", "compile the spec again")


def _github_issue(alert: Alert) -> Sent:
    repository, token = os.environ.get("GITHUB_REPOSITORY"), os.environ.get("GITHUB_TOKEN")
    if not repository or not token:
        if os.environ.get("GITHUB_ACTIONS") == "true":
            raise StepError("the alert was not sent: GITHUB_TOKEN is not set", "give this job `issues: write`")
        return Sent(text="not sent (no GITHUB_REPOSITORY and GITHUB_TOKEN here)", delivered=False)
    api = os.environ.get("GITHUB_API_URL", "https://api.github.com").rstrip("/")
    issues, label = f"{api}/repos/{repository}/issues", f"monitor:{alert.monitor}"
    query = urllib.parse.urlencode({"labels": label, "state": "open", "per_page": 10})
    open_issues = [issue for issue in _call("GET", f"{issues}?{query}", token) if "pull_request" not in issue]
    if open_issues:
        number = open_issues[0]["number"]
        _call("POST", f"{issues}/{number}/comments", token, {"body": alert.body})
        return Sent(text=f"comment on issue #{number}")
    made = _call("POST", issues, token, {"title": alert.title, "body": alert.body, "labels": [label]})
    return Sent(text=f"issue #{made['number']}")


def _webhook(alert: Alert) -> Sent:
    url = os.environ.get("MLOPS_WEBHOOK_URL")
    if not url:
        raise StepError("the alert was not sent: MLOPS_WEBHOOK_URL is not set", "set it where the monitors run")
    _call("POST", url, None, {"monitor": alert.monitor, "title": alert.title, "text": alert.body})
    return Sent(text="sent to the webhook")


def _call(method: str, url: str, token: str | None, content: dict[str, Any] | None = None) -> Any:
    """One call, tried again when the other side is busy; its JSON comes back."""
    headers = {"Accept": "application/vnd.github+json", "Content-Type": "application/json", "User-Agent": "mlops"}
    data = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310 - configured address
    if token:
        request.add_unredirected_header("Authorization", f"Bearer {token}")  # never to another host
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                text = answer.read()
                return json.loads(text) if "json" in answer.headers.get("Content-Type", "") else None
        except urllib.error.HTTPError as error:
            if attempt == ATTEMPTS or not (error.code == TOO_MANY or error.code >= SERVER_ERROR):
                raise _failed(url, f"HTTP {error.code}") from error
        except (OSError, json.JSONDecodeError) as error:
            # A POST that broke off may have arrived: doing it again could alert twice, and failing is seen.
            if attempt == ATTEMPTS or method == "POST":
                raise _failed(url, str(getattr(error, "reason", error))) from error
        time.sleep(PAUSE_SECONDS * attempt)
    raise AssertionError  # the last attempt returned or raised


def _failed(url: str, why: str) -> StepError:
    host = urllib.parse.urlsplit(url).netloc
    return StepError(f"the alert was not sent: {host} answered {why}", "run the monitor again: it sends what is due")
