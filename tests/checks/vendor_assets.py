"""Bring in what the console takes from npm, with licences and checksums: `npm` is needed for this, and only for this.

`.venv/bin/python tests/checks/vendor_assets.py` installs what `adapters/web/vendoring/package-lock.json` pins, by its
checksums and without running anybody's scripts, and copies from it.
"""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "adapters" / "web"
VENDORING, VENDOR = WEB / "vendoring", WEB / "static" / "vendor"
FOR_TESTS = ROOT / "tests" / "adapters" / "web" / "vendor"
FILES = {
    "htmx.org": ("dist/htmx.min.js", "dist/ext/hx-sse.min.js"),
    "@fontsource-variable/inter": ("files/inter-latin-wght-normal.woff2",),
}
TEST_FILES = {"axe-core": ("axe.min.js",)}
ICONS = "lucide-static"
_LICENCES = ("LICENSE", "LICENSE.md", "LICENSE.txt")


def icon_names() -> list[str]:
    """The icons that templates and the table of pages name."""
    return sorted((VENDORING / "icons.txt").read_text(encoding="utf-8").split())


def sprite(package: Path) -> bytes:
    """One file with all icons, each a symbol named as it is."""
    symbols = [_symbol(name, (package / "icons" / f"{name}.svg").read_text(encoding="utf-8")) for name in icon_names()]
    return ('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n").encode()


def _symbol(name: str, svg: str) -> str:
    inner = re.sub(r"\s+", " ", svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]).strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>'


def described(content: bytes, package: str, lock: dict[str, dict[str, str]]) -> dict[str, str]:
    """Where a file comes from, and its checksum."""
    about = lock[f"node_modules/{package}"]
    checksum = "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()
    return {
        "package": package,
        "version": about["version"],
        "licence": about["license"],
        "tarball": about["integrity"],
        "checksum": checksum,
    }


def main() -> None:
    """Install, copy, write `vendor.json` beside the copies."""
    lock = json.loads((VENDORING / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(VENDORING / name, folder)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True)
        modules = Path(folder) / "node_modules"
        _write(VENDOR, FILES, modules, lock, {"icons.svg": (sprite(modules / ICONS), ICONS)})
        _write(FOR_TESTS, TEST_FILES, modules, lock, {})


def _write(
    place: Path,
    files: Mapping[str, tuple[str, ...]],
    modules: Path,
    lock: dict[str, dict[str, str]],
    made: dict[str, tuple[bytes, str]],
) -> None:
    place.mkdir(parents=True, exist_ok=True)
    contents = {
        Path(name).name: ((modules / package / name).read_bytes(), package)
        for package in files
        for name in files[package]
    }
    contents |= made
    for name, (content, _) in contents.items():
        (place / name).write_bytes(content)
    for package in {package for _, package in contents.values()}:
        licence = next(path for name in _LICENCES if (path := modules / package / name).exists())
        shutil.copy(licence, place / f"{package.replace('/', '_').lstrip('@')}.LICENSE")
    about = {name: described(content, package, lock) for name, (content, package) in sorted(contents.items())}
    (place / "vendor.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
