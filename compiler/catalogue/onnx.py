"""Find out which estimators can be exported to ONNX: ``python -m mlopsc.catalogue.onnx``, by doing it.

Each estimator is fitted with its defaults on a small table, converted by skl2onnx, run by onnxruntime, and compared
with scikit-learn on the same rows. ``onnx.json`` says of each whether that worked, and with which versions. Needs
scikit-learn, skl2onnx, onnxruntime and protobuf<7; the compiler itself needs none of them.
"""

from __future__ import annotations

import json
import warnings
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROWS, COLUMNS = 120, 4
CLOSE = 1e-3
"""How far a value may be from scikit-learn's: the graph computes with 32 bits."""
TOOLS = ("scikit-learn", "skl2onnx", "onnxruntime", "protobuf")


def measured() -> dict[str, Any]:
    """Whether each estimator of the catalogue that is installed here could be exported."""
    known = json.loads((HERE / "estimators.json").read_text(encoding="utf-8"))
    paths = [path for path in known if path.startswith("sklearn.")]
    return {
        "how": f"fitted on {ROWS} rows of {COLUMNS} numbers, converted, run, and compared",
        "versions": {tool: version(tool) for tool in TOOLS},
        "exports": {path: exports(path, known[path]["kind"]) for path in paths},
    }


def exports(path: str, kind: str) -> bool:
    """Whether the estimator at this path goes to ONNX and answers the same there."""
    numpy = import_module("numpy")
    module, _, name = path.rpartition(".")
    random = numpy.random.default_rng(0)
    x = numpy.abs(random.normal(size=(ROWS, COLUMNS))).round(0 if name == "CategoricalNB" else 6)
    y = x.sum(axis=1) + 0.1
    y = (y > numpy.median(y)).astype(numpy.int64) if kind == "classifier" else y
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = getattr(import_module(module), name)().fit(x, y)
        try:
            graph = import_module("skl2onnx").to_onnx(model, x[:1].astype(numpy.float32))
            session = import_module("onnxruntime").InferenceSession(graph.SerializeToString())
            answer = session.run(None, {session.get_inputs()[0].name: x.astype(numpy.float32)})[0]
        except Exception:  # noqa: BLE001  (each converter refuses in its own way)
            return False
    expected = model.predict(x.astype(numpy.float32).astype(numpy.float64))
    close = numpy.isclose(numpy.asarray(answer).reshape(ROWS), expected, rtol=CLOSE, atol=CLOSE)
    return bool(close.mean() > 1 - CLOSE * 10)


def rendered(found: dict[str, Any]) -> str:
    """The text of ``onnx.json``."""
    exported = [f"{json.dumps(path)}: {json.dumps(works)}" for path, works in found["exports"].items()]
    head = [f"{json.dumps(key)}: {json.dumps(found[key])}" for key in ("how", "versions")]
    return "{\n" + ",\n".join([*head, '"exports": {\n' + ",\n".join(exported) + "\n}"]) + "\n}\n"


if __name__ == "__main__":
    (HERE / "onnx.json").write_text(rendered(measured()), encoding="utf-8")
