"""The page of sliders on this machine: one server, bound to 127.0.0.1, that asks nothing of any other."""

from __future__ import annotations

import asyncio
import signal
import webbrowser
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import panel as pn
import typer
from bokeh.events import DocumentReady
from bokeh.models import CustomJS

from actuarial._explore_look import READY
from actuarial._explore_port import HOST, free

if TYPE_CHECKING:
    from actuarial._explore_page import Page
    from actuarial.report.records import Language

Making = Callable[["Language", Mapping[str, str]], "Page"]
"""From language and address to a reader's page."""


def run(make: Making, language: Language, port: int, *, browser: bool) -> None:
    """Serve until the process is told to stop.

    Parameters
    ----------
    make : callable
    language : {"en", "zh"}
        Where the address names none.
    port : int
        0 takes any that is free.
    browser : bool

    Raises
    ------
    RunFaults
        If the port is taken.
    """
    port = free(port)

    def app() -> Any:
        asked = {name: values[0].decode() for name, values in pn.state.session_args.items()}
        tongue: Language = "zh" if asked.get("lang", language) == "zh" else "en"
        page = make(tongue, asked)
        document: Any = pn.state.curdoc
        document.title = page.texts("explore.title", title=page.about.title)
        document.js_on_event(DocumentReady, CustomJS(code=f"const tongue = '{tongue}';{READY}"))
        return page.view()

    asyncio.run(_until_stopped(app, port, browser=browser))
    typer.echo("Stopped.")


async def _until_stopped(app: Callable[[], Any], port: int, *, browser: bool) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    server = pn.io.server.get_server(
        app, port=port, address=HOST, websocket_origin=[f"{HOST}:{port}", f"localhost:{port}"], show=False, start=False
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    server.start()
    address = f"http://{HOST}:{port}/"
    typer.echo(f"Page: {address}")
    typer.echo("Stop with Ctrl-C.")
    if browser:
        await asyncio.to_thread(webbrowser.open, address)
    await stop.wait()
    server.stop()
