"""The page of sliders in headless Chromium and in a notebook: moved by keys, it tells what a trial of the mix tells."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import nbclient
import nbformat
import pytest

from actuarial import explore, questions
from actuarial.progress import Silent
from actuarial.scenario import read_run
from tests.actuarial.browsing import NEEDS, started
from tests.actuarial.test_pages_accessible import CHECKED
from tests.real_run import Run, command

pytestmark = pytest.mark.slow

PATIENCE = 120
DEEP = """
const found = [];
const walk = node => {
  if (node.shadowRoot) walk(node.shadowRoot);
  for (const child of node.children || []) { if (child.matches(arguments[0])) found.push(child); walk(child); }
};
walk(document.body);
return found;
"""
"""Elements that a selector finds, also in the shadow of others: panel puts each widget into one of its own."""


class Served:
    """The command, running."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process, self.address = process, address


def until[T](asked: Callable[[], T]) -> T:
    end = time.monotonic() + PATIENCE
    while not (found := asked()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)
    return found


@pytest.fixture(scope="module")
def served(first_run: Run) -> Iterator[Served]:
    words = command("explore", first_run.file, "--port", "0", "--no-browser", "--force", "--quiet")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Page: http://127.0.0.1:"), process.stderr and process.stderr.read()
        try:
            yield Served(process, line.removeprefix("Page: ").strip())
        finally:
            process.send_signal(signal.SIGINT)
            rest, told = process.communicate(timeout=PATIENCE)
            assert process.returncode == 0 and rest.endswith("Stopped.\n") and "Traceback" not in told


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with started(tmp_path_factory.mktemp("profile")) as one:
        one.set_window_size(1280, 1400)
        yield one


def deep(browser: Any, selector: str) -> list[Any]:
    return list(browser.execute_script(DEEP, selector))


def texts(browser: Any, selector: str) -> str:
    """Read in one step: what is redrawn between two steps is another element in the second."""
    read = f"return (() => {{{DEEP}}})().map(one => one.innerText).join(' ')".replace("arguments[0]", "selector")
    return str(browser.execute_script("const selector = arguments[0];" + read, selector))


def told(browser: Any) -> str:
    return texts(browser, "div[aria-live]")


def opened(browser: Any, address: str) -> str:
    browser.get(address)
    until(lambda: deep(browser, ".noUi-handle") and told(browser))
    return told(browser)


def all_shown(browser: Any) -> bool:
    return "All 60" in texts(browser, "p[data-draws]")


@NEEDS
def test_a_lever_moved_by_keys_tells_what_a_trial_of_that_mix_gives(
    served: Served, browser: Any, first_run: Run
) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    before = opened(browser, served.address)
    handle = deep(browser, ".noUi-handle")[1]
    browser.execute_script("arguments[0].focus()", handle)
    for _ in range(12):
        ActionChains(browser).send_keys(Keys.ARROW_RIGHT).perform()
    until(lambda: told(browser) != before and all_shown(browser) and "pension.land.share" in browser.current_url)
    asked = {key: values[0] for key, values in parse_qs(urlsplit(browser.current_url).query).items()}
    share = float(asked["pension.land.share"])
    assert share > 0
    run = explore.checked(read_run(first_run.file))
    desk = explore.desk(questions.asked(run, first_run.out, Silent(), force=True))
    until(lambda: f"pension.land.share = {share:g}" in texts(browser, "pre"))
    picture = desk.picture("pension", asked["scenario"], {"pension.land.share": share})
    shown = re.search(r"by 2035 / 2050 / 2075: (\d+|<1|>99)% / (\d+|<1|>99)%", told(browser))
    assert shown is not None, told(browser)
    for text, year in zip(shown.groups(), (2035, 2050), strict=True):
        if text.isdigit():
            assert int(text) == pytest.approx(100 * picture.chances[year], abs=0.51)


@NEEDS
def test_the_address_brings_the_mix_back_and_the_other_language_is_a_link_away(served: Served, browser: Any) -> None:
    moved = opened(browser, f"{served.address}?fund=pension&scenario=capacity&pension.land.share=0.2&lang=en")
    assert moved != opened(browser, f"{served.address}?fund=pension&scenario=capacity&lang=en")
    opened(browser, f"{served.address}?fund=pension&scenario=capacity&pension.land.share=0.2&lang=en")
    link = until(lambda: deep(browser, "a[hreflang=zh]"))[0]
    browser.execute_script("arguments[0].click()", link)
    until(lambda: "统筹基金" in told(browser))
    assert "pension.land.share=0.2" in browser.current_url
    assert browser.execute_script("return document.documentElement.lang") == "zh"


@NEEDS
def test_an_address_that_makes_no_sense_shows_the_scenario(served: Served, browser: Any) -> None:
    calm = opened(browser, f"{served.address}?fund=pension&scenario=capacity")
    wild = "?fund=<script>&scenario=capacity&pension.land.share=1e99&pension.fiscal.rule=none&x=y"
    assert opened(browser, served.address + wild) == calm


@NEEDS
def test_nothing_is_asked_of_another_host(served: Served, browser: Any) -> None:
    browser.get_log("performance")
    opened(browser, served.address)
    asked = [json.loads(entry["message"])["message"].get("params", {}) for entry in browser.get_log("performance")]
    found = [one.get("request", {}).get("url") or one.get("url") or "" for one in asked]
    hosts = {urlsplit(url).hostname for url in found if url.startswith(("http", "ws"))}
    assert hosts == {"127.0.0.1"}


@NEEDS
def test_the_page_has_no_fault_of_wcag_a_and_aa_and_fits_a_phone(served: Served, browser: Any) -> None:
    base = pytest.importorskip("axe_core_python.base", reason="needs the package axe-core-python")
    opened(browser, served.address)
    until(lambda: deep(browser, ".noUi-handle[aria-label]") and not deep(browser, ".noUi-handle:not([aria-label])"))
    browser.execute_script(base.AXE_SCRIPT)
    assert browser.execute_async_script(CHECKED) == []
    phone = {"width": 400, "height": 900, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    try:
        opened(browser, served.address)
        until(lambda: browser.execute_script("return document.documentElement.scrollWidth") == 400)
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_page_of_another_host_cannot_talk_to_it(served: Served) -> None:
    port = int(served.address.rstrip("/").rpartition(":")[2])
    asked = [
        "GET /ws HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Origin: http://elsewhere.example",
    ]  # fmt: skip
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
        line.sendall(("\r\n".join(asked) + "\r\n\r\n").encode())
        assert line.recv(64).startswith(b"HTTP/1.1 403 ")


def test_it_listens_on_this_machine_alone(served: Served) -> None:
    port = f"{int(served.address.rstrip('/').rpartition(':')[2]):04X}"
    listening = [
        line.split()[1]
        for name in ("tcp", "tcp6")
        for line in Path("/proc/net", name).read_text().splitlines()[1:]
        if line.split()[1].endswith(f":{port}") and line.split()[3] == "0A"
    ]
    assert listening == [f"0100007F:{port}"]


def test_the_widget_is_shown_in_a_notebook(first_run: Run) -> None:
    cell = f"""
from pathlib import Path
import panel as pn
from actuarial import explore, questions
from actuarial.progress import Silent
from actuarial.scenario import read_run
pn.extension()
run = explore.checked(read_run(Path({str(first_run.file)!r})))
explore.widget(questions.asked(run, run.out, Silent(), force=True))
"""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    nbclient.NotebookClient(book, timeout=PATIENCE * 2).execute()
    outputs = [one for one in book.cells[0]["outputs"] if one["output_type"] in ("display_data", "execute_result")]
    assert any("text/html" in one["data"] for one in outputs)
    assert not [one for one in book.cells[0]["outputs"] if one["output_type"] == "error"]
