"""Write and read the saved steps of a run: posterior, projection, account."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import xarray as xr

LIBRARIES = ("numpy", "xarray", "pandas", "pymc", "nutpie", "arviz", "numba")


class ArtefactError(ValueError):
    """A saved file that cannot be used; says which and why."""


def write_atomically(file: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `file`, then rename it.

    Parameters
    ----------
    file : pathlib.Path
        Final name; its folder is made if it is missing.
    write : callable
        Called with the temporary path. If it raises, nothing is left behind.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        write(part)
        # mkstemp makes the file private; a result is as readable as any other file of the user.
        part.chmod(0o644)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def save(data: xr.Dataset, file: Path, kind: str) -> None:
    """Save a Dataset as netCDF-4, whole or not at all.

    Parameters
    ----------
    data : xarray.Dataset
        What to save; attributes go with it.
    file : pathlib.Path
        Where to.
    kind : str
        ``posterior``, ``projection``, ``account`` or ``indicators``; checked by `load`.
    """
    data = data.assign(_of_one_nan(data)).assign_attrs(granary_kind=kind)
    write_atomically(file, lambda part: _write(data, part))


def _write(data: xr.Dataset, part: Path) -> None:
    """Write a Dataset so that its bytes depend on nothing else.

    A coordinate is first written as an empty axis, which is then taken out. When the library HDF5 may use that place
    again depends on whether anybody still looks at the axis, such as a profiler in another thread (Dask workers have
    one); so it may not use such places at all.
    """
    store = xr.backends.H5NetCDFStore.open(str(part), mode="w", driver_kwds={"fs_strategy": "none"})
    with contextlib.closing(store):
        data.dump_to_store(store)


def _of_one_nan(data: xr.Dataset) -> dict[str, xr.DataArray]:
    """Give every NaN the same bits: their sign means nothing, and depends on how a processor came to them."""
    floats = {str(name): values for name, values in data.items() if values.dtype.kind == "f"}
    lacking = {name: np.isnan(values.values) for name, values in floats.items()}
    return {
        name: values.copy(data=np.where(lacking[name], values.dtype.type(np.nan), values.values))
        for name, values in floats.items()
        if lacking[name].any()
    }


def load(file: Path, kind: str) -> xr.Dataset:
    """Read what `save` wrote.

    Parameters
    ----------
    file : pathlib.Path
        A file written by `save`.
    kind : str
        The kind expected.

    Returns
    -------
    xarray.Dataset
        In memory; the file is closed.

    Raises
    ------
    ArtefactError
        If the file is missing, unreadable or of another kind.
    """
    if not file.exists():
        raise ArtefactError(f"{file.name} is missing in {file.parent}: run `granary forecast` first")
    try:
        data = xr.load_dataset(file, engine="h5netcdf")
    except (OSError, ValueError) as error:
        raise ArtefactError(f"{file} cannot be read ({error}): run `granary forecast` again") from error
    found = data.attrs.get("granary_kind")
    if found != kind:
        raise ArtefactError(f"{file} holds {found or 'an unknown kind'}, not {kind}: was it renamed?")
    return data


def digest(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of Granary and of the libraries that shape a result."""
    return {"evergranary": version("evergranary")} | {name: version(name) for name in LIBRARIES}
