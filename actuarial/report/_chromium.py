"""Chromium without a window, asked through a pipe: open a page, wait until its charts are drawn, print it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from select import select
from typing import Any

from actuarial.report._errors import ReportError

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "msedge")
"""Commands that are tried, in this order."""

VARIABLE = "GRANARY_CHROMIUM"
"""Environment variable that names another one."""

FLAGS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    # Letters are set alike on every screen.
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
)

DRAWN = """
(async () => {
  const root = document.documentElement, charts = document.getElementById('charts');
  const until = seen => new Promise(done => {
    const look = () => seen() ? done() : setTimeout(look, 50);
    look();
  });
  await document.fonts.ready;
  if (!charts) return;
  await until(() => root.dataset.charts === 'drawn');
  dispatchEvent(new Event('beforeprint'));
  // A page of an older version does not say that it is set; what it has after this while is printed.
  const end = Date.now() + 20000;
  await until(() => root.dataset.paper === 'set' || Date.now() > end);
  await new Promise(done => setTimeout(done, 200));
})()
"""
"""Waits until every chart is drawn and set to the width that it has on paper."""

PAPER = {
    "printBackground": True,
    "preferCSSPageSize": True,
    "generateTaggedPDF": True,
    "generateDocumentOutline": True,
}

PATIENCE = 180.0
"""Seconds that one answer may take; a page of two hundred charts takes some ten of them."""


def program() -> str:
    """Return the command of the browser that prints.

    Returns
    -------
    str
        What the environment variable `VARIABLE` names, else the first of `NAMES` that is there.

    Raises
    ------
    ReportError
        Where there is none: says what to install. On Windows, where a program is not handed other pipes than its own.
    """
    if os.name == "nt":
        raise ReportError(
            ["On Windows a browser cannot be asked to print: open the page in Edge or Chrome, and print it"]
        )
    told = os.environ.get(VARIABLE, "")
    found = [path for name in ((told,) if told else NAMES) if (path := shutil.which(name))]
    if found:
        return found[0]
    where = f"{VARIABLE} names {told!r}, which is no command" if told else "there is none on this machine"
    raise ReportError(
        [
            f"A PDF is printed by Chromium, and {where}: install it (Debian and Ubuntu: `apt install chromium "
            "fonts-noto-cjk`; macOS: `brew install --cask chromium`), or name Chrome or Edge in "
            f"{VARIABLE}, or open the page in any browser and print it there"
        ]
    )


def printed(page: Path) -> bytes:
    """Print a page as a browser sets it on paper.

    Parameters
    ----------
    page : pathlib.Path
        An HTML file. Charts are waited for where it has an element with the id ``charts``.

    Returns
    -------
    bytes
        A tagged PDF with an outline, the title and the language of the page.

    Raises
    ------
    ReportError
        Where there is no Chromium, or it does not answer.
    """
    with _asked(program()) as ask:
        target = ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        tab = ask("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        ask("Page.enable", {}, tab)
        ask("Page.navigate", {"url": page.resolve().as_uri()}, tab)
        ask.until("Page.loadEventFired")
        ask("Runtime.evaluate", {"expression": DRAWN, "awaitPromise": True}, tab)
        return base64.b64decode(ask("Page.printToPDF", PAPER, tab)["data"])


class _Ask:
    """Questions and answers of the DevTools protocol: JSON texts that end with a zero byte."""

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back, self._count, self._left = to, back, 0, b""
        self._seen: set[str] = set()

    def __call__(self, method: str, parameters: dict[str, Any], tab: str = "") -> dict[str, Any]:
        self._count += 1
        question = {"id": self._count, "method": method, "params": parameters} | ({"sessionId": tab} if tab else {})
        text = json.dumps(question).encode() + b"\0"
        while text:
            text = text[os.write(self._to, text) :]
        while (answer := self._next()).get("id") != self._count:
            self._seen.add(answer.get("method", ""))
        if "error" in answer:
            raise ReportError([f"Chromium refused {method}: {answer['error'].get('message', '')}"])
        return dict(answer.get("result", {}))

    def until(self, event: str) -> None:
        """Wait for an event that may have come already."""
        while event not in self._seen:
            self._seen.add(self._next().get("method", ""))

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        parts = [self._left]
        while b"\0" not in parts[-1]:
            ready, _, _ = select([self._back], [], [], max(end - time.monotonic(), 0.0))
            more = os.read(self._back, 1 << 20) if ready else b""
            if not more:
                why = "ended" if ready else f"did not answer within {PATIENCE:.0f} seconds"
                raise ReportError([f"Chromium {why}, and nothing was printed: try again, or print from a browser"])
            parts.append(more)
        text, self._left = b"".join(parts).split(b"\0", 1)
        return dict(json.loads(text))


@contextmanager
def _asked(command: str) -> Iterator[_Ask]:
    """Start the browser with pipes in place of a port, which other users of the machine could reach."""
    # The browser reads questions at 3 and writes answers at 4, whatever the numbers are on this side.
    script = 'exec 3<&"$1" 4>&"$2"; shift 2; exec "$@"'
    (their_in, to), (back, their_out) = os.pipe(), os.pipe()
    with tempfile.TemporaryDirectory(prefix="granary-", ignore_cleanup_errors=True) as profile:
        # Chromium refuses its sandbox to root; whoever prints as root knows the page, which asks no network.
        own = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
        shell = shutil.which("bash") or "/bin/bash"
        words = [shell, "-c", script, "-", str(their_in), str(their_out), command, *FLAGS, *own]
        browser = subprocess.Popen(  # noqa: S603 -- no word of it comes from data
            [*words, f"--user-data-dir={profile}"],
            pass_fds=(their_in, their_out), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=os.environ | {"TZ": "UTC"},
        )  # fmt: skip
        os.close(their_in)
        os.close(their_out)
        try:
            yield _Ask(to, back)
        finally:
            os.close(to)
            os.close(back)
            browser.terminate()
            try:
                browser.wait(10)
            except subprocess.TimeoutExpired:
                browser.kill()
                browser.wait()
