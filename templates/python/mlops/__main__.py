"""``python -m mlops``: every step of every model, the service, the monitors and the registry."""

from __future__ import annotations

import sys

from .runtime.core.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
