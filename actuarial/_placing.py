"""Where measures hold: a run of a region takes those of its zone; a run of the nation mixes numbers over the zones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from actuarial._measures import ZONES, Zone
from actuarial._quantity import YEAR, describe
from actuarial.rules import SCHEMES, Case, Rules
from actuarial.runfile import RunFaults
from forecasting._faults import Fault
from forecasting.sources import Tables

if TYPE_CHECKING:
    from actuarial.runfile import RunFile

HEADS = {"pension": "pensioners"}
"""Count by which the rules of a scheme are mixed over zones; of the others it is the population."""

POPULATION = "population_year_end_province"

_ROUNDING = 1e-9

Weights = Mapping[str, Mapping[str, float]]


def placed(run_file: RunFile, tables: Tables) -> RunFile:
    """Let every measure hold where it says.

    Parameters
    ----------
    run_file : RunFile
        As read: every measure holds everywhere.
    tables : Tables
        Tell the zone of each province (``region_group``) and how many people live there.

    Returns
    -------
    RunFile
        The same where no scenario has a measure of some zones only. Else with the rules of its region; of the nation
        the mean of each number over zones, weighted by pensioners for the pension, by people for other schemes. A
        calendar year is never mixed: it is that of the measure.

    Raises
    ------
    RunFaults
        Listing every measure that cannot be placed (the region has no zone, or what the measure sets is no number) and
        every scenario whose funds together take more than all land-transfer income.
    """
    faults: list[Fault] = []
    made = run_file.reformed
    if any(run_file.measures[m].regions for chosen in run_file.scenarios.values() for m in chosen.measures):
        made = {name: _rules(run_file, tables, name, None, faults) for name in run_file.reformed}
    faults = faults or list(_land_twice(run_file, made))
    if faults:
        raise RunFaults(run_file.name, list(dict.fromkeys(faults)))
    return replace(run_file, reformed=made)


def reformed(run_file: RunFile, tables: Tables) -> RunFile:
    """Return a run file whose tables of schemes were changed, its scenarios laid over them again.

    Raises
    ------
    RunFaults
        As :func:`placed`.
    pydantic.ValidationError
        If a scenario does not fit the tables.
    """
    faults: list[Fault] = []
    made = {name: _rules(run_file, tables, name, None, faults) for name in run_file.scenarios}
    faults = faults or list(_land_twice(run_file, made))
    if faults:
        raise RunFaults(run_file.name, list(dict.fromkeys(faults)))
    return replace(run_file, reformed=made)


def _land_twice(run_file: RunFile, made: Mapping[str, Rules]) -> Iterator[Fault]:
    """Yield every scenario in which the funds it has are promised more than the whole of land-transfer income."""
    for name, rules in made.items():
        shares = {
            "pension.land.share times pension.land.fund_share": rules.pension.land.share
            * rules.pension.land.fund_share,
            "medical.financing.land_share": rules.medical.financing.land_share,
            "unemployment.financing.land_share": rules.unemployment.financing.land_share,
            "care_plan.funding.land_share": rules.care_plan.funding.land_share,
        }
        has = run_file.schemes(name)
        asked = {key: share for key, share in shares.items() if share > 0 and key.split(".")[0] in has}
        if sum(asked.values()) > 1 + _ROUNDING:
            told = ", ".join(f"{key} {share:g}" for key, share in asked.items())
            what = f"the funds together take {sum(asked.values()):g} of land-transfer income: {told}"
            yield run_file.places.fault(("scenarios", name), what, "Lower the shares until they add up to 1 at most")


def with_some(run_file: RunFile, tables: Tables, scenario: str, names: Iterable[str]) -> Case:
    """Return the case of a scenario that had only some of its measures.

    Parameters
    ----------
    run_file : RunFile
    tables : Tables
    scenario : str
        Its schemes are kept, what it founds is there with every set of measures; its own change is left out.
    names : iterable of str
        Some of its measures.

    Returns
    -------
    Case

    Raises
    ------
    RunFaults
        As :func:`placed`.
    """
    faults: list[Fault] = []
    rules = _rules(run_file, tables, scenario, frozenset(names), faults)
    if faults:
        raise RunFaults(run_file.name, faults)
    return Case(rules, run_file.schemes(scenario))


def _rules(
    run_file: RunFile, tables: Tables, scenario: str, names: frozenset[str] | None, faults: list[Fault]
) -> Rules:
    """Return the rules of a scenario where the run is; None are all its measures and its own change."""
    if not any(run_file.measures[m].regions for m in run_file.scenarios[scenario].measures):
        return _in_zone(run_file, scenario, None, names)
    if run_file.run.region:
        zone = zones(tables).get(run_file.run.region)
        if zone is None:
            faults.append(_no_zone(run_file))
        return _in_zone(run_file, scenario, zone, names)
    rules, stuck = mixed({zone: _in_zone(run_file, scenario, zone, names) for zone in ZONES}, zone_weights(tables))
    do = "Value it for a region, or take the regions out"
    where = ("scenarios", scenario, "measures")
    faults += [run_file.places.fault(where, f"{key} is set in some zones only and is no number", do) for key in stuck]
    return rules


def by_zone(run_file: RunFile) -> dict[str, dict[str, Case]]:
    """Return the cases of every scenario as they are in each zone.

    Parameters
    ----------
    run_file : RunFile

    Returns
    -------
    dict of str to dict of str to Case
        By scenario and zone.
    """
    return {
        name: {str(zone): Case(_in_zone(run_file, name, zone, None), run_file.schemes(name)) for zone in ZONES}
        for name in run_file.reformed
    }


def _in_zone(run_file: RunFile, scenario: str, zone: str | None, names: frozenset[str] | None) -> Rules:
    """Return the rules of a scenario in a zone; None is a zone in which every measure holds."""
    chosen = run_file.scenarios[scenario]
    asked = chosen.measures if names is None else [m for m in chosen.measures if m in names]
    changes = [run_file.measures[m].change for m in asked if run_file.measures[m].holds_in(zone)]
    return run_file.rules_with(changes + [chosen.change] * (names is None))


def zone_weights(tables: Tables) -> dict[str, dict[str, float]]:
    """Return the part of the nation's people that each zone has, by scheme.

    Parameters
    ----------
    tables : Tables

    Returns
    -------
    dict of str to dict of str to float
        By scheme and zone; adds up to 1 over zones. Of the last year that each province has published.
    """
    out = {}
    for scheme in SCHEMES:
        counts: dict[str, float] = dict.fromkeys(ZONES, 0.0)
        for place, zone in zones(tables).items():
            counts[zone] += float(tables.series(HEADS.get(scheme, POPULATION), region=place).iloc[-1])
        total = sum(counts.values())
        out[str(scheme)] = {zone: count / total for zone, count in counts.items()}
    return out


def zones(tables: Tables) -> dict[str, str]:
    """Return the zone of each province that the tables group."""
    frames = (frame.loc[frame["indicator"] == "region_group", "region"] for frame in tables.frames.values())
    named = sorted({str(region) for found in frames for region in found})
    return {place: ZONES[int(tables.series("region_group", region=place).iloc[-1]) - 1] for place in named}


def mixed(rules: Mapping[Zone, Rules], weights: Weights) -> tuple[Rules, list[str]]:
    """Take the mean of each number over zones.

    Parameters
    ----------
    rules : mapping of str to Rules
        By zone.
    weights : mapping of str to mapping of str to float
        By scheme and zone.

    Returns
    -------
    tuple of Rules and list of str
        The rules, and the keys that differ between zones and are no plain number in each of them.
    """
    records = {zone: {str(r["key"]): r for r in describe(of_zone)} for zone, of_zone in rules.items()}
    first, stuck = next(iter(rules.values())), list[str]()
    tree = first.model_dump()
    for key, record in next(iter(records.values())).items():
        found = {zone: records[zone][key]["value"] for zone in rules}
        if len({repr(one) for one in found.values()}) == 1:
            continue
        if record["unit"] == YEAR:
            # A first year where the measure does not hold moves nothing there: the changed one is the measure's.
            default = {str(r["key"]): r["value"] for r in describe(Rules())}[key]
            _put(tree, key, next(one for one in found.values() if one != default))
        elif all(isinstance(one, float) for one in found.values()):
            share = weights[key.partition(".")[0]]
            _put(tree, key, sum(share[zone] * float(str(one)) for zone, one in found.items()))
        else:
            stuck.append(key)
    return Rules.model_validate(tree), stuck


def _put(tree: dict[str, object], key: str, new: object) -> None:
    *path, last = key.split(".")
    for part in path:
        tree = tree[part]  # type: ignore[assignment]
    tree[last] = new


def _no_zone(run_file: RunFile) -> Fault:
    region = run_file.run.region
    do = f"Give region_group of {region}: 1 east, 2 centre, 3 west, 4 northeast"
    what = f"a measure holds in some zones only, and the tables do not say in which {region} lies"
    return run_file.places.fault(("run", "region"), what, do)
