"""How long `granary explore` takes from a key that moves a slider to the answer drawn in Chromium; medians of one run.

The clock is the browser's: it starts with the key press and stops at the first frame after the sentences of the answer
have changed, so that it holds the way to the server, the trial, and the way back. Run after `make forecast`.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.actuarial.browsing import started

LEVERS = ("land.share", "investment.market_share", "fiscal.capacity_share", "benefit.income_weight")
LEVERS += ("accounts.match_multiple", "retirement.target_age")
NAMES = {
    "land.share": "Land-transfer income",
    "investment.market_share": "Assets invested",
    "fiscal.capacity_share": "Budgets pay up to",
    "benefit.income_weight": "Basic pension follows",
    "accounts.match_multiple": "Government match",
    "retirement.target_age": "Pension age",
}
READY = """
const deep = (what, node = document.body, all = []) => {
  if (node.shadowRoot) deep(what, node.shadowRoot, all);
  for (const child of node.children || []) { if (child.matches(what)) all.push(child); deep(what, child, all); }
  return all;
};
const found = { handles: {} };
for (const one of deep(".noUi-handle")) found.handles[one.getAttribute("aria-label")] = one;
found.told = deep("div[aria-live]")[0];
"""
THERE = READY + "return Boolean(found.told) && Object.values(found.handles).length > 3 && !('null' in found.handles)"
MOVED = (
    READY
    + """
const [name, done] = arguments, handle = found.handles[Object.keys(found.handles).find(key => key.startsWith(name))];
const told = found.told.textContent, root = found.told.getRootNode();
handle.focus();
const key = handle.getAttribute("aria-valuenow") === handle.getAttribute("aria-valuemax") ? "ArrowLeft" : "ArrowRight";
const draws = () => deep("p[data-draws]")[0].dataset.draws;
const from = performance.now();
let there = false;
const look = () => {
  const now = root.querySelector("div[aria-live]");
  if (!there && now && now.textContent !== told) {
    there = true;
    watching.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => done([performance.now() - from, draws()])));
  }
};
const watching = new MutationObserver(look);
watching.observe(root, { childList: true, subtree: true, characterData: true });
setTimeout(() => { if (!there) { watching.disconnect(); done(null); } }, 4000);
handle.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
"""
)
DRAWS = READY + "return deep('p[data-draws]')[0].dataset.draws"
CALM = 1.0
"""Seconds that a slider is let rest at least."""


def at_rest(browser: Any, everything: str) -> None:
    """Wait until all futures are shown again, so that no answer to the last move is taken for one to the next."""
    time.sleep(CALM)
    while browser.execute_script(DRAWS) != everything:
        time.sleep(CALM)


def measured(browser: Any, rounds: int) -> None:
    """Print a line a lever."""
    everything = str(browser.execute_script(DRAWS))
    print(f"{'lever':<36} {'median, ms':>11} {'slowest, ms':>12} {'futures shown':>14}")
    for key in LEVERS:
        found = []
        for _ in range(rounds + 1):
            found.append(browser.execute_async_script(MOVED, NAMES[key]))
            at_rest(browser, everything)
        # The first tells the page how long the lever takes; a move that changes no figure has no answer to wait for.
        moves = [one for one in found[1:] if one is not None]
        times, shown = [took for took, _ in moves], sorted({int(count) for _, count in moves})
        middle, worst = (statistics.median(times), max(times)) if times else (float("nan"), float("nan"))
        told = "/".join(map(str, shown))
        print(f"{'pension.' + key:<36} {middle:>11.0f} {worst:>12.0f} {told:>14}", flush=True)


def main() -> None:
    """Start the command on the national run, and move its sliders."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--out", type=Path, default=Path("out/national"))
    asked = parser.parse_args()
    words = [sys.executable, "-m", "actuarial.cli", "explore", "--out", str(asked.out), "--port", "0"]
    with (
        subprocess.Popen(  # noqa: S603
            [*words, "--no-browser", "--force", "--quiet"], stdout=subprocess.PIPE, text=True
        ) as server,
        tempfile.TemporaryDirectory() as profile,
    ):
        assert server.stdout is not None
        address = server.stdout.readline().removeprefix("Page: ").strip()
        try:
            with started(Path(profile)) as browser:
                browser.get(address + "?fund=pension&scenario=package&lang=en")
                while not browser.execute_script(THERE):
                    time.sleep(0.1)
                time.sleep(CALM)
                measured(browser, asked.rounds)
        finally:
            server.send_signal(signal.SIGINT)
            server.communicate()


if __name__ == "__main__":
    main()
