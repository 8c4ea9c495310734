"""Values from the surroundings: ``${NAME}`` in an address stands for an environment variable."""

from __future__ import annotations

import os
import re

from .errors import StepError

REFERENCE = re.compile(r"\$\{(\w+)\}")
PASSWORD = re.compile(r"(?<=://)([^/@:\s]*):([^@\s]*)@")
SHORTEST_SECRET = 4  # a shorter value would blank out ordinary words


def expand(text: str, what: str) -> str:
    """``text`` with every ``${NAME}`` replaced; StepError, which says ``what`` it is for, where one is not set."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if not os.environ.get(name):
            raise StepError(f"{what}: the environment variable {name} is not set", f"export {name}=…")
        return os.environ[name]

    return REFERENCE.sub(value, text)


def without_secrets(message: str, text: str) -> str:
    """``message`` without the values that the references of ``text`` stand for, and without passwords in addresses."""
    for name in REFERENCE.findall(text):
        value = os.environ.get(name, "")
        if len(value) >= SHORTEST_SECRET:
            message = message.replace(value, f"${{{name}}}")
    return PASSWORD.sub(r"\1:***@", message)
