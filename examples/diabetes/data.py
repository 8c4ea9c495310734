"""Write data/diabetes.csv from the table that scikit-learn carries; the committed file was made so."""

from __future__ import annotations

from pathlib import Path

from sklearn.datasets import load_diabetes

NAMES = {
    "bp": "blood_pressure",
    "s1": "cholesterol",
    "s2": "ldl",
    "s3": "hdl",
    "s4": "cholesterol_hdl_ratio",
    "s5": "log_triglycerides",
    "s6": "glucose",
    "target": "progression",
}
"""The names that scikit-learn's description gives to its short columns."""


def main() -> None:
    """Write one row per patient; the patient number is the row's place in the table."""
    table = load_diabetes(as_frame=True, scaled=False).frame.rename(columns=NAMES)
    table["sex"] = table["sex"].astype(int)
    table["age"] = table["age"].astype(int)
    table.insert(0, "patient", range(1, len(table) + 1))
    target = Path(__file__).parent / "data" / "diabetes.csv"
    target.parent.mkdir(exist_ok=True)
    table.to_csv(target, index=False, lineterminator="\n")
    print(f"{target}: {len(table)} patients")  # noqa: T201  (a script talks to whoever runs it)


if __name__ == "__main__":
    main()
