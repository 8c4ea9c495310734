"""Write data/biopsies.csv from the table that scikit-learn carries; the committed file was made so."""

from __future__ import annotations

from pathlib import Path

from sklearn.datasets import load_breast_cancer


def main() -> None:
    """Write one row per biopsy; the biopsy number is the row's place in the table."""
    table = load_breast_cancer(as_frame=True).frame
    table.columns = [name.replace(" ", "_") for name in table.columns]
    table["malignant"] = table.pop("target") == 0
    table["malignant"] = table["malignant"].map({True: "true", False: "false"})
    table.insert(0, "biopsy", range(1, len(table) + 1))
    target = Path(__file__).parent / "data" / "biopsies.csv"
    target.parent.mkdir(exist_ok=True)
    table.to_csv(target, index=False, lineterminator="\n")
    print(f"{target}: {len(table)} biopsies")  # noqa: T201  (a script talks to whoever runs it)


if __name__ == "__main__":
    main()
