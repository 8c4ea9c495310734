"""Durations, fractions and sizes: text with a unit to numbers."""

from __future__ import annotations

from ..values import Duration

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
BYTES = {"kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "B": 1}


def duration(text: str) -> Duration:
    """``30s``, ``15m``, ``24h``, ``7d`` or ``4w``."""
    return Duration(seconds=int(text[:-1]) * SECONDS[text[-1]], text=text)


def seconds(text: str) -> float:
    """The same, and ``20ms``, in seconds."""
    if text.endswith("ms"):
        return float(text[:-2]) / 1000
    return float(duration(text).seconds)


def fraction(value: float | str) -> float:
    """``15%`` or 0.15 as 0.15."""
    if isinstance(value, str):
        return round(float(value.removesuffix("%")) / 100, 12)
    return float(value)


def size(value: float | str) -> float:
    """``20MB`` in bytes; a plain number is bytes."""
    if not isinstance(value, str):
        return float(value)
    unit = next(unit for unit in BYTES if value.endswith(unit))
    return float(value.removesuffix(unit)) * BYTES[unit]
