"""A county by a data folder alone, from `granary init` to the report."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from actuarial._initial import EXAMPLES, write_initial
from actuarial._region import check_region
from actuarial.runfile import RunFaults
from actuarial.scenario import read_run
from forecasting import artefacts
from forecasting.models import provinces
from forecasting.sources import DataFaults, read_tables
from tests.real_run import FEW, Run, granary

COUNTY = EXAMPLES["county"]["region"]


def set_key(file: Path, key: str, value: object) -> None:
    """Give one key of a run file another value, where it stands first."""
    text, count = re.subn(
        rf"^{key} = .*$", f"{key} = {value}", file.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE
    )
    assert count == 1
    file.write_text(text, encoding="utf-8")


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """Return the run file of the example."""
    write_initial(tmp_path / "mine", example="county")
    return tmp_path / "mine/run.toml"


def told(file: Path) -> list[str]:
    """Return what is wrong with the region of a run file, without the places."""
    run = read_run(file)
    with pytest.raises(RunFaults) as caught:
        check_region(run, read_tables(run.data_folders, run.run.country))
    assert {str(fault.where) for fault in caught.value.faults} == {run.places.of(("run", "region"))}
    return [f"{fault.what}. {fault.do}." for fault in caught.value.faults]


def test_an_unknown_region_is_told_with_the_nearest_before_anything_is_written(county: Path) -> None:
    set_key(county, "region", '"Exampel Country"')
    before = sorted(county.parent.rglob("*"))
    done = granary("forecast", "--quiet", county)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.sub(r"\d+", "N", done.stderr) == (
        'N fault in run.toml:\n  line N, run.region: no row of the tables is of the region "Exampel Country"; '
        "near to it: Example County. "
        "Write its name as the column region has it, or add its figures in a folder of your own.\n"
    )
    assert sorted(county.parent.rglob("*")) == before


def test_the_country_is_no_region(county: Path) -> None:
    set_key(county, "region", '"China"')
    assert told(county) == ['China is the country itself. Write region = "" for the whole nation.']


def test_everything_that_a_region_lacks_is_told_at_once(county: Path) -> None:
    (county.parent / "data/pension_fund.csv").unlink()
    (county.parent / "data/economy.csv").unlink()
    lacking = told(county)
    assert all(line.startswith(f"{COUNTY} lacks ") for line in lacking)
    for name in ("fund_balance", "fund_expenditure", "rural_disposable_income_per_head"):
        assert sum(name in line for line in lacking) == 1, lacking


def test_priors_of_the_regions_are_read_from_the_run_file(county: Path) -> None:
    text = county.read_text(encoding="utf-8")
    county.write_text(f"{text}\n[priors.provinces]\nhalf_life_median = 4.0\n", encoding="utf-8")
    ours = read_run(county).priors_of("provinces")
    assert (ours.half_life_median, ours.half_life_sd) == (4.0, provinces.Priors().half_life_sd)
    with pytest.raises(RunFaults, match=r"priors\.provinces\.half_life_mean: there is no such key"):
        county.write_text(f"{text}\n[priors.provinces]\nhalf_life_mean = 4.0\n", encoding="utf-8")
        read_run(county)


def test_a_comparator_country_is_no_region_that_could_be_valued(county: Path) -> None:
    set_key(county, "region", '"Japan"')
    assert any("contributors" in line for line in told(county))


def test_a_fault_of_the_county_s_table_names_its_folder(county: Path) -> None:
    table = county.parent / "data/membership.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",132700,", ",-132700,"), encoding="utf-8")
    run = read_run(county)
    with pytest.raises(DataFaults) as caught:
        read_tables(run.data_folders)
    assert [str(fault) for fault in caught.value.faults] == [
        "data/membership.csv, line 13, column value: -132700 persons is below nought. Correct the number.",
    ]


@pytest.fixture(scope="module")
def finished(first_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run the county on the nation's posteriors of the shared run, so that the model of regions alone is sampled."""
    folder = tmp_path_factory.mktemp("county") / "mine"
    assert granary("init", folder, "--example", "county").returncode == 0
    for key, value in FEW.items():
        set_key(folder / "run.toml", key, value)
    shutil.copytree(first_run.posteriors, folder / "posteriors")
    return Run(folder / "run.toml", granary("forecast", folder / "run.toml", "--force"))


@pytest.mark.slow
def test_a_county_is_forecast_from_its_folder_alone(finished: Run) -> None:
    done: subprocess.CompletedProcess[str] = finished.done
    assert done.returncode == 0, done.stderr
    assert COUNTY in done.stdout
    for model in ("fertility", "mortality", "migration", "membership", "economy"):
        assert re.search(rf"^fit {model}: .*, from the cache$", done.stderr, flags=re.MULTILINE)
    assert re.search(r"^fit provinces: .*, sampled$", done.stderr, flags=re.MULTILINE)
    assert "check against the past" not in done.stderr
    rows = json.loads((finished.out / "diagnostics.json").read_text(encoding="utf-8"))
    assert "provinces" in {row["model"] for row in rows}
    assert json.loads((finished.out / "manifest.json").read_text(encoding="utf-8"))["region"] == COUNTY
    assert COUNTY in (finished.out / "report.en.html").read_text(encoding="utf-8")


def saved(run: Run, kind: str) -> xr.Dataset:
    return artefacts.load(run.out / f"{kind}.nc", kind)


@pytest.mark.slow
def test_the_account_of_a_county_opens_with_its_last_balance(finished: Run) -> None:
    account = saved(finished, "account")
    assert int(account["year"][0]) == 2025
    assert np.unique(account["opening_balance"].values).tolist() == [544_300_000.0]


@pytest.mark.slow
def test_the_members_of_a_county_are_as_published_in_the_past(finished: Run) -> None:
    totals = saved(finished, "projection")
    for name, published in (("contributors_total", 132_700), ("pensioners_total", 74_100)):
        np.testing.assert_allclose(totals[name].sel(year=2024).values, published, rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("year", [2035, 2050])
def test_less_is_known_of_a_county_than_of_its_nation(finished: Run, first_run: Run, year: int) -> None:
    def logs(run: Run) -> dict[str, np.ndarray]:
        data = saved(run, "projection").sel(year=year)
        old = data["population_5y"].sel(area="rural", age=slice(60, None)).sum(["sex", "age"])
        paths = {name: data[f"{name}_total"] for name in ("contributors", "pensioners")} | {"rural 60+": old}
        return {name: np.log(path.values) for name, path in paths.items()}

    county, nation = logs(finished), logs(first_run)
    # The same futures of the nation, draw by draw: what is left is known of the nation and not of the county.
    own = {name: float(np.std(county[name] - nation[name])) for name in nation}
    assert all(spread > 0.005 for spread in own.values()), own
    # One spread of sixty draws is known to a tenth; the three together tell.
    wider = {name: float(np.log(np.std(county[name]) / np.std(nation[name]))) for name in nation}
    assert sum(wider.values()) > 0, wider
