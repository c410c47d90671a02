"""A page as PDF, printed by the Chromium that is there (REDRESS_CHROMIUM, or one on the path)."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
TIMEOUT_S = 60


class NoChromium(Exception):
    """There is no Chromium to print with; the message says what to do instead."""


def chromium(env: Mapping[str, str]) -> str:
    """The program. Raises NoChromium."""
    named = env.get("REDRESS_CHROMIUM")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise NoChromium("there is no Chromium to print with: install it, set REDRESS_CHROMIUM, or print the page")
    return found


def pdf(page: str, env: Mapping[str, str]) -> bytes:
    """The page as PDF, as its own `@page` says. Raises NoChromium, OSError, subprocess.SubprocessError."""
    program = chromium(env)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_text(page, "utf-8")
        # its own sandbox needs what containers and root do not have; the page is ours, and loads nothing
        options = ["--headless", "--disable-gpu", "--no-pdf-header-footer", "--no-sandbox", f"--user-data-dir={folder}"]
        command = [program, *options, f"--print-to-pdf={target}", source.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_S, env={**os.environ, **env})  # noqa: S603
        return target.read_bytes()
