"""A run file and its reforms: each reform is only what it changes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from actuarial._asked import ASKED, Asked
from actuarial._measures import Measure, clashes, merged, together
from actuarial._plain import Places, child, faults_of, unknown
from actuarial._pooling_rules import Pooling
from actuarial._priors import read_priors
from actuarial._quantity import Section
from actuarial._run_text import parsed, text_of
from actuarial._template import run_text
from actuarial._toml import Key, lines_of, value
from actuarial.rules import SCHEMES, Rules
from actuarial.runfile import Change, Models, Run, RunFaults, RunFile, Sampling, Scenario, folders_of
from forecasting._faults import Fault
from forecasting.sources import BUNDLED, nearest

__all__ = ["Change", "Models", "Run", "RunFaults", "RunFile", "Sampling", "Scenario", "read_run"]

TABLES = ("run", "sampling", "models", *SCHEMES, *ASKED, "measures", "scenarios", "priors")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LINE = re.compile(r"line (\d+)")

Tree = dict[str, Any]


def read_run(path: Path | None = None, options: Mapping[str, object] | None = None) -> RunFile:
    """Read a run file and check all of it.

    Parameters
    ----------
    path : pathlib.Path, optional
        A run file; None is the bundled national run, seen from the folder at hand.
    options : mapping of str to object, optional
        Keys of ``[run]`` that stand over the file, such as ``{"draws": 100}``;
        None as a value leaves the file's.

    Returns
    -------
    RunFile
        Checked.

    Raises
    ------
    RunFaults
        Listing every fault with its line and what to do.
    """
    name, root = ("run.toml", Path()) if path is None else (path.name, path.parent)
    text = run_text() if path is None else text_of(path)
    given = {key: found for key, found in (options or {}).items() if found is not None}
    return _Reader(name, root, text, given).read()


class _Reader:
    """Reads one run file, table by table, and gathers the faults of all."""

    def __init__(self, name: str, root: Path, text: str, given: Mapping[str, object]) -> None:
        self.name, self.root, self.text = name, root, text
        self.faults: list[Fault] = []
        self.tree = parsed(text, name)
        flags: dict[Key, str] = {("run", key): f"--{key.replace('_', '-')}" for key in given}
        self.places = Places(lines_of(text), flags)
        if isinstance(self.tree.setdefault("run", {}), dict):
            self.tree["run"] |= given

    def read(self) -> RunFile:
        """Read every table; raise `RunFaults` if anything is wrong."""
        for key in (key for key in self.tree if key not in TABLES):
            self._fault((key,), *unknown(key, TABLES))
        run = self._section(Run, self.tree["run"], ("run",))
        sampling = self._section(Sampling, self.tree.get("sampling", {}), ("sampling",))
        models = self._section(Models, self.tree.get("models", {}), ("models",))
        kinds = {name: child(Rules, name) for name in SCHEMES}
        read = {name: self._section(kind, self.tree.get(name, {}), (name,)) for name, kind in kinds.items() if kind}
        schemes = {name: section for name, section in read.items() if section is not None}
        asked = {name: self._section(kind, self.tree.get(name, {}), (name,)) for name, kind in ASKED.items()}
        measures = self._reforms("measures", Measure)
        scenarios = self._scenarios()
        basis: Tree = {str(scheme): self.tree[scheme] for scheme in schemes if scheme in self.tree}
        alone = {name: self._reform(("measures", name), change, basis) for name, change in self._changes("measures")}
        usable = {name: measure for name, measure in measures.items() if alone.get(name, True)}
        reformed = {name: self._scenario(name, change, usable, basis) for name, change in self._changes("scenarios")}
        self._unvalued(run, scenarios, measures)
        self._unpooled(run, asked["pooling"])
        priors, faults = read_priors(self._table("priors"), self.places)
        self.faults += faults
        self._common_sense()
        sound = {name: found for name, found in reformed.items() if found is not None}
        if self.faults or run is None or sampling is None or models is None or None in asked.values():
            raise RunFaults(self.name, _in_order(self.faults), self._data())
        return RunFile(
            run.titled(),
            sampling,
            models,
            Rules.model_validate(schemes),
            scenarios,
            sound,
            priors,
            Asked.model_validate(asked),
            measures,
            self.root,
            self.name,
            self.places,
            self.text,
        )

    def _section[T: BaseModel](self, model: type[T], table: object, prefix: Key) -> T | None:
        if not isinstance(table, dict):
            self._fault(prefix, f"{value(table)} is not a table", "Give a table")
            return None
        try:
            return model.model_validate(table, strict=True)
        except ValidationError as error:
            self.faults += faults_of(error, model, prefix, self.places)
            return None

    def _table(self, name: str) -> Tree:
        table = self.tree.get(name, {})
        if isinstance(table, dict):
            return table
        self._fault((name,), f"{value(table)} is not a table", "Give a table")
        return {}

    def _scenarios(self) -> dict[str, Scenario]:
        if not self._table("scenarios"):
            what, do = "there is no scenario", "Write at least one table [scenarios.law]"
            self._fault(("scenarios",), what, do)
        return self._reforms("scenarios", Scenario)

    def _reforms[T: BaseModel](self, table: str, model: type[T]) -> dict[str, T]:
        """Read the tables of scenarios or measures; the name of each is checked, its change is judged elsewhere."""
        made = {}
        for name, given in self._table(table).items():
            if not _NAME.fullmatch(name):
                do = "Use small letters, digits and underscores, a letter first"
                self._fault((table, name), f"this is no name for a {table[:-1]}", do)
            found = self._section(model, given, (table, name))
            if found is not None:
                made[name] = found
        return made

    def _changes(self, table: str) -> Iterator[tuple[str, Tree]]:
        """Give the change of every reform, also of one whose other keys are at fault: all faults are told at once."""
        for name, given in self._table(table).items():
            if not isinstance(given, dict):
                continue
            change = given.get("change", {})
            if isinstance(change, dict):
                where = (table, name)
                yield name, {key: new for key, new in change.items() if not self._schemeless(where, key, new)}

    def _schemeless(self, where: Key, key: str, new: object) -> bool:
        """Tell of a change that names a section without its scheme, and whether it is one."""
        having = [scheme for scheme in SCHEMES if (kind := child(Rules, scheme)) and key in kind.model_fields]
        if key in SCHEMES or not having:
            return False
        do = f"Write {' or '.join(f'change.{scheme}.{key}' for scheme in having)}"
        self._fault((*where, "change", *_first_key(key, new)), f"{key} stands without its scheme", do)
        return True

    def _reform(self, where: Key, change: Tree, basis: Tree) -> Rules | None:
        # Where the table of a scheme is itself at fault, judge the change alone: each fault is then said once.
        return self._section(Rules, merged(Rules, basis, change), (*where, "change"))

    def _scenario(self, name: str, change: Tree, measures: Mapping[str, Measure], basis: Tree) -> Rules | None:
        """Lay a scenario's own change over those of its measures, and these over the tables of the schemes."""
        table = self._table("scenarios")[name]
        asked = table.get("measures", []) if isinstance(table.get("measures", []), list) else []
        key, there = ("scenarios", name, "measures"), self._table("measures")
        for strange in (one for one in asked if isinstance(one, str) and one not in there):
            do = f"Write a table [measures.{strange}], or take the name out"
            self._fault(key, f"there is no measure {value(strange)}{nearest(strange, there)}", do)
        chosen = {one: measures[one] for one in asked if one in measures}
        for setting, first, second in clashes(chosen):
            do = "Take one of them out, or let one leave that key"
            self._fault(key, f"{first} and {second} change {setting} each to a value of its own", do)
        changes = [measure.change for measure in chosen.values()]
        return self._reform(("scenarios", name), together([*changes, change]), basis)

    def _unpooled(self, run: Run | None, pooling: Section | None) -> None:
        """Refuse to compare levels of pooling where there is nothing to compare: within a region, or of no fund."""
        if run is None or not isinstance(pooling, Pooling) or not pooling.levels:
            return
        if run.region:
            do = "Take the levels out, or the region"
            self._fault(("pooling", "levels"), "levels of pooling are compared for the whole nation", do)
        if not set(pooling.funds) & set(run.schemes):
            do = "Name another, or name it in run.schemes"
            self._fault(("pooling", "funds"), f"the run values none of {', '.join(pooling.funds)}", do)

    def _unvalued(self, run: Run | None, scenarios: Mapping[str, Scenario], measures: Mapping[str, Measure]) -> None:
        """Refuse a change of a scheme that its scenario does not have: it would move nothing."""
        if run is None:
            return
        for name, scenario in scenarios.items():
            used = [measures[one] for one in scenario.measures if one in measures]
            there = {*run.schemes, *scenario.founds, *(fund for one in used for fund in one.founds)}
            for scheme in (s for s in SCHEMES if s in scenario.change and s not in there):
                do = f'Write founds = ["{scheme}"] in this scenario, or name it in run.schemes'
                where = ("scenarios", name, "change", *_first_key(scheme, scenario.change[scheme]))
                self._fault(where, f"this scenario has no {scheme}", do)
            for one in (one for one in scenario.measures if one in measures):
                for scheme in (s for s in SCHEMES if s in measures[one].change and s not in there):
                    do = f'Write founds = ["{scheme}"] in the measure or the scenario, or name it in run.schemes'
                    self._fault(
                        ("scenarios", name, "measures"), f"{one} changes {scheme}, which this scenario lacks", do
                    )

    def _common_sense(self) -> None:
        """Judge what a key alone cannot show, on every key that is sound by itself."""
        texts = {key: text for key in ("title", "country", "out") if isinstance(text := self._given(Run, key), str)}
        for key in (key for key, text in texts.items() if not text.strip()):
            self._fault(("run", key), "the text is empty", "Write it between the quotes")
        if (self.root / texts.get("out", "")).is_file():
            self._fault(("run", "out"), f"{texts['out']} is a file", "Name a folder")
        self._folders()
        draws = self._given(Run, "draws")
        chains, kept = self._given(Sampling, "chains"), self._given(Sampling, "kept")
        if all(type(number) is int for number in (draws, chains, kept)) and draws > chains * kept > 0:
            what = f"{draws} is more than the {chains * kept} draws of {chains} chains of {kept}"
            self._fault(("run", "draws"), what, f"Give at most {chains * kept}, or raise sampling.kept")

    def _given(self, model: type[BaseModel], key: str) -> Any:
        """Return what the file says for a key of ``[run]`` or ``[sampling]``, sound or not, else its default."""
        table = self.tree.get(model.__name__.lower(), {})
        default = model.model_fields[key].default
        return table.get(key, default) if isinstance(table, dict) else default

    def _names(self) -> list[str]:
        """Return the folders that ``run.data`` names, or nothing where it is not sound."""
        data = self._given(Run, "data")
        names = data if isinstance(data, list) else [data]
        return names if all(isinstance(name, str) for name in names) else []

    def _folders(self) -> None:
        key, names = ("run", "data"), self._names()
        for name in dict.fromkeys(names):
            if not name.strip():
                self._fault(key, "the text is empty", "Write it between the quotes")
            elif not folders_of(name, self.root)[0].is_dir():
                self._fault(key, f"there is no folder {name}", f'Name a folder of data tables, or "{BUNDLED}"')
            if names.count(name) > 1:
                self._fault(key, f"{value(name)} stands in the list {names.count(name)} times", "Name it once")

    def _data(self) -> tuple[list[Path], str] | None:
        """Return where the data tables are and the country's name, if all that is sound."""
        names, country = self._names(), self._given(Run, "country")
        folders = folders_of(names, self.root)
        sound = names and all(names) and isinstance(country, str) and country.strip()
        return (folders, country) if sound and all(folder.is_dir() for folder in folders) else None

    def _fault(self, key: Key, what: str, do: str) -> None:
        self.faults.append(self.places.fault(key, what, do))


def _first_key(name: str, tree: object) -> Key:
    """Return the path to the first value below a table, which has a line where the table itself may have none."""
    if isinstance(tree, dict) and tree:
        key, below = next(iter(tree.items()))
        return (name, *_first_key(str(key), below))
    return (name,)


def _in_order(faults: list[Fault]) -> list[Fault]:
    """Sort by line; what has no line in the file comes first."""

    def line(fault: Fault) -> int:
        found = _LINE.match(fault.where)
        return int(found[1]) if found else 0

    return sorted(dict.fromkeys(faults), key=line)
