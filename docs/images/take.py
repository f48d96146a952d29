"""Take the picture of one figure of a report, for the README.

``python docs/images/take.py out/national/report.en.html depletion docs/images/report.png``; the figures' names are the
ids in the page (pyramid, dependency, vital, members, ledgers-0, flows, burden, depletion, backcast). Needs chromium and
chromedriver on the path, and the package selenium.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1000",
    "--force-device-scale-factor=1.5",
)


def take(report: Path, figure: str, picture: Path) -> None:
    """Write a PNG of one figure.

    Parameters
    ----------
    report : pathlib.Path
        A page that `actuarial.report.write_report` wrote.
    figure : str
        Id of the figure in the page.
    picture : pathlib.Path
        Where to.
    """
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
        try:
            browser.get(report.resolve().as_uri())
            drawn = "return document.documentElement.dataset.charts === 'drawn'"
            WebDriverWait(browser, 60).until(lambda one: one.execute_script(drawn))
            # The head of contents that stays on screen would cover the figure.
            browser.execute_script("document.querySelector('nav').style.position = 'static'")
            # A picture cannot be opened.
            browser.execute_script("document.querySelectorAll('details').forEach(one => one.style.display = 'none')")
            picture.write_bytes(browser.find_element(By.ID, figure).screenshot_as_png)
        finally:
            browser.quit()


if __name__ == "__main__":
    take(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
