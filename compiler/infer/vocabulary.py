"""What people call the columns of a table: words that hint at a key, a time, a label."""

from __future__ import annotations

KEY = frozenset({"id", "key", "uuid", "guid", "identifier", "number", "no", "nr", "code", "index"})
TIME = frozenset({"time", "date", "timestamp", "datetime", "when", "at", "on", "day", "created", "started", "observed"})
NOT_TIME = frozenset({"birth", "dob", "born", "expiry", "expires", "due", "until", "end", "updated", "deadline"})
"""Moments that say something about a row, but not when it happened."""

LABELS = (
    *("target", "label", "outcome", "class", "response", "y", "survived", "churn", "churned", "exited", "default"),
    *("fraud", "converted", "clicked", "cancelled", "canceled", "readmitted", "diagnosis", "species", "delay"),
    *("quality", "price", "median_house_value", "charges", "sales", "demand", "progression", "income", "salary"),
    *("amount", "rating", "score"),
)
"""The likeliest first."""

MEASURED = frozenset(
    {"quality", "rating", "score", "stars", "count", "age", "price", "amount", "rings", "year", "grade", "income"}
)
"""Whole numbers that are an amount, however few different ones there are."""

POSITIVE = frozenset(
    {"yes", "y", "true", "t", "1", "positive", "pos", "malignant", "m", "churned", "fraud", "spam", "bad", "late"}
)
"""The class of two that one wants to find."""

COUNTED = frozenset(
    """age area capacity charge charges cost count depth distance duration fare fee frequency height
    income length mass miles mileage minutes number pages population price quantity rings rooms salary seats
    seconds sales size speed stock tenure usage visits visitors weight width""".split()  # noqa: SIM905
)
"""Words of what is never below zero."""

CALENDAR = {
    "month": (1, 12),
    "hour": (0, 23),
    "minute": (0, 59),
    "second": (0, 59),
    "day_of_month": (1, 31),
    "day_of_year": (1, 366),
    "week": (1, 53),
    "quarter": (1, 4),
    "latitude": (-90, 90),
    "lat": (-90, 90),
    "longitude": (-180, 180),
    "lon": (-180, 180),
    "lng": (-180, 180),
}
"""What has bounds by its meaning."""

SHARES = frozenset({"pct", "percent", "percentage", "share", "fraction", "ratio", "probability", "prob"})
