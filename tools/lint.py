"""``make lint``: ruff, formatting, import contracts and the rules of this house. Exit status 1 with readable findings."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
# run as a script, this file would hide the package of the same name beside it
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent]

from tools.lint.run import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
