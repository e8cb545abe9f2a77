"""Prepare the few third-party files that the pages use, from node_modules into static/vendor.

Run by set-up after `npm ci --ignore-scripts`; nothing under static/vendor is committed. Only the
neutral theme of Det Fælles Designsystem (dkfds) is taken: its stylesheet and four upright weights
of IBM Plex Sans as woff2, each with its licence. Its icons, its scripts and the borger.dk and Virk
themes stay behind: the icons on our pages are our own (vivirkr/templatetags/screen.py).
"""

import re
import shutil
import sys
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
SOURCE = BASE / "node_modules" / "dkfds" / "dist"
TARGET = BASE / "static" / "vendor" / "dkfds"
FONTS = Path("fonts/IBMPlexSans/complete/woff2")
WEIGHTS = {400: "Regular", 500: "Medium", 600: "SemiBold", 700: "Bold"}


def stylesheet(css: str) -> str:
    """The stylesheet with woff2 faces only, no icons and no source map.

    Every `url()` left in it names a file that `prepare` copies: the storage that hashes static
    files stops at one that it cannot find.
    """
    css = re.sub(r"/\*#\s*sourceMappingURL=.*?\*/", "", css)
    css = re.sub(r"@font-face\s*\{[^}]*\}", "", css)
    css = re.sub(r"url\([^)]*\)", "none", css)
    faces = "".join(
        "@font-face{font-display:swap;font-family:IBM Plex Sans;font-style:normal;"
        f"font-weight:{weight};"
        f'src:url(../fonts/IBMPlexSans-{name}.woff2) format("woff2")}}\n'
        for weight, name in WEIGHTS.items()
    )
    # A rule @charset counts only as the first thing in the file.
    charset = re.match(r'@charset "[^"]*";', css)
    start = charset.end() if charset else 0
    return css[:start] + faces + css[start:].strip() + "\n"


def prepare() -> list[Path]:
    """Write the files anew and return their paths."""
    if not SOURCE.is_dir():
        sys.exit("node_modules/dkfds is missing. Run: npm ci --ignore-scripts")
    shutil.rmtree(TARGET, ignore_errors=True)
    (TARGET / "css").mkdir(parents=True)
    (TARGET / "fonts").mkdir()
    css = (SOURCE / "css" / "dkfds.min.css").read_text(encoding="utf-8")
    (TARGET / "css" / "dkfds.css").write_text(stylesheet(css), encoding="utf-8")
    for name in WEIGHTS.values():
        shutil.copy(SOURCE / FONTS / f"IBMPlexSans-{name}.woff2", TARGET / "fonts")
    shutil.copy(SOURCE / FONTS / "license.txt", TARGET / "fonts" / "LICENSE.txt")
    shutil.copy(SOURCE / "LICENSE.md", TARGET / "LICENSE.md")
    return sorted(path for path in TARGET.rglob("*") if path.is_file())


if __name__ == "__main__":
    for path in prepare():
        print(path.relative_to(BASE), f"{path.stat().st_size / 1024:.0f} kB")
