"""Pack the built site into one zip that reads without a network: unpack it, open index.html.

    python tools/offline.py            # after make book; writes _build/NAME-offline.zip

Every page asks for its files by relative paths and no other host, so that `file://` will do. The
wheels are left out: they are for Colab.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import address

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
LEFT_OUT = ("wheels/", ".buildinfo", "objects.inv", "404.html")
DATE = (1980, 1, 1, 0, 0, 0)  # the same site gives the same zip


def pack(html: Path, target: Path, folder: str) -> Path:
    """Write a zip of a site whose files lie in one folder of it; return its path.

    Raises:
        FileNotFoundError: if there is no site.
    """
    if not (html / "index.html").is_file():
        raise FileNotFoundError("There is no site yet. Type: make book")
    partly = target.with_suffix(".part")
    with zipfile.ZipFile(partly, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(p for p in html.rglob("*") if p.is_file()):
            name = path.relative_to(html).as_posix()
            if not name.startswith(LEFT_OUT):
                entry = zipfile.ZipInfo(f"{folder}/{name}", DATE)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                archive.writestr(entry, path.read_bytes())
    return partly.replace(target)


def main() -> int:
    """Pack the site; return the exit status."""
    name = f"{address.current_address().name}-{address.current_wheel().split('-')[1]}"
    try:
        zipped = pack(HTML, ROOT / "_build" / f"{name}-offline.zip", name)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{zipped.relative_to(ROOT)} ({zipped.stat().st_size / 1e6:.0f} MB)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
