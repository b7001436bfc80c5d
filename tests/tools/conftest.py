"""Makes the tools importable, as they import each other."""

import sys
from pathlib import Path

TOOLS = str(Path(__file__).resolve().parents[2] / "tools")
if TOOLS not in sys.path:  # last: tools/site.py must not hide Python's own `site`
    sys.path.append(TOOLS)
