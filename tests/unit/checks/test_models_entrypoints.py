"""The user's training function, read and never imported."""

from __future__ import annotations

import pytest

from mlopsc.checks.entrypoints import problem

OK = "x, y, *, columns, categorical, params, seed"
NEEDED = "it needs def train(x, y, *, columns, categorical, params, seed)"


FINE = [
    "def train(x, y, *, columns, categorical, params, seed):\n    return x\n",
    "def train(x, y, columns, categorical, params, seed):\n    return x\n",
    "def train(x, y, **given):\n    return x\n",
    "def train(*data, **given):\n    return x\n",
    "def train(x, y, *, columns, categorical, params, seed, depth=3):\n    return x\n",
    "train = lambda x, y, *, columns, categorical, params, seed: x\n",
    "from functools import partial\n\ntrain = partial(print)\n",
    "from .other import train\n",
    "from .other import *\n",
    "import functools\n\n@functools.cache\ndef train(x):\n    return x\n",
    "try:\n    from fast import train\nexcept ImportError:\n    def train(x, y, **given):\n        return x\n",
    "def train(x, y, *, columns, categorical, params, seed):\n    if x:\n        return None\n    return x\n",
]


@pytest.mark.parametrize("text", FINE)
def test_function_that_a_step_can_call_is_fine(text: str) -> None:
    """Also one whose source does not say what it takes: imported, wrapped, or made by a call."""
    assert problem(text, "train") is None


WRONG = [
    (
        "def train(x, y, *, columns, categorical, params, seed, depth):\n    return x\n",
        "needs 'depth', which no step gives",
        "give it a default; it needs def train(x, y, *, columns, categorical, params, seed)",
    ),
    (
        "def train(x, y, depth, *, columns, categorical, params, seed):\n    return x\n",
        "needs 'depth', which no step gives",
        "give it a default; it needs def train(x, y, *, columns, categorical, params, seed)",
    ),
    (
        "def train(x, y, *, columns, categoricals, params, seed):\n    return x\n",
        "takes 'categoricals', but is given 'categorical'",
        "did you mean 'categorical'?",
    ),
    ("def train(x, y, *, columns, params, seed):\n    return x\n", "does not take categorical", NEEDED),
    (
        "def train(x, y, columns, categorical, params, seed, /):\n    return x\n",
        "does not take columns, categorical, params, seed",
        NEEDED,
    ),
    ("def train(x, *, columns, categorical, params, seed):\n    return x\n", "does not take x and y", NEEDED),
    (
        "async def train(x, y, *, columns, categorical, params, seed):\n    return x\n",
        "is a coroutine, and nothing awaits it",
        "leave 'async' out",
    ),
    (
        "class train:\n    pass\n",
        "is a class, and a function is called",
        "it needs def train(x, y, *, columns, categorical, params, seed) that returns the fitted model",
    ),
    ("train = 3\n", "is a value, and a function is called", NEEDED),
    ("train: dict[str, int] = {}\n", "is a value, and a function is called", NEEDED),
    ("train = lambda x: x\n", "does not take x and y", NEEDED),
    ("if True:\n    def train(x):\n        return x\n", "does not take x and y", NEEDED),
    (
        "def train(x, y, *, columns, categorical, params, seed):\n    fit(x, y)\n",
        "returns nothing, and its model is asked to predict",
        "return the fitted model",
    ),
    (
        "def train(x, y, *, columns, categorical, params, seed):\n    def inner():\n        return 1\n    inner()\n",
        "returns nothing, and its model is asked to predict",
        "return the fitted model",
    ),
    (
        "def train(x, y, *, columns, categorical, params, seed):\n    return None\n",
        "returns nothing, and its model is asked to predict",
        "return the fitted model",
    ),
    (
        "def train(x, y, *, columns, categorical, params, seed):\n    yield x\n",
        "is a generator, and its model is asked to predict",
        "return the fitted model",
    ),
    (
        "def trian(x, y, *, columns, categorical, params, seed):\n    return x\n",
        "has no function 'train'",
        "did you mean 'trian'?",
    ),
    ("def fit(x, y, *, columns, categorical, params, seed):\n    return x\n", "has no function 'train'", NEEDED),
    ("def train(:\n", "has a syntax error in line 1", "python -m compileall shows the line"),
]


@pytest.mark.parametrize(("text", "what", "help_"), WRONG)
def test_function_that_a_step_cannot_call_is_found(text: str, what: str, help_: str) -> None:
    """What it takes, what it is, and what it gives back."""
    found = problem(text, "train")
    assert found is not None
    assert (found.what, found.help) == (what, help_)
