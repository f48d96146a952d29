"""The port of the page of sliders: a free one of this machine, or a clear refusal."""

from __future__ import annotations

import socket

from actuarial.runfile import RunFaults
from forecasting._faults import Fault

HOST = "127.0.0.1"


def free(port: int) -> int:
    """Return the port, or a free one for 0; refuse one that another program has.

    Raises
    ------
    RunFaults
        If the port is taken, or not this user's to take.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asked.bind((HOST, port))
        except OSError as error:
            do = "Name another with --port N, or --port 0 for any that is free"
            raise RunFaults(
                "the command", [Fault("--port", f"{port} of {HOST} cannot be used: {error.strerror}", do)]
            ) from None
        return int(asked.getsockname()[1])
