"""How much faster a closed group is valued here than by modelx, heavylight and cashflower: the same job in turn.

    python benchmarks/bench_peers.py

The job: the present value of each of 10,000 pensions in payment, ages 60 to 95, month by month to the end of the table,
one scenario. Every peer must give every value to 1e-9 of ours. Ours is timed again right before each peer, on the same
policies; the ratio is the median over the rounds of what a peer takes over what we take with one thread, checks
included. Times differ from machine to machine and from hour to hour; the ratio is what to quote. A peer that is not
installed is left out, and how to install it is said.

What each peer is given; all of them run in one thread of this process:

- modelx: a vectorised model in the manner of lifelib's IntegratedLife: a cell for each month and quantity, which holds
  a numpy array of all policies, without pandas in the loop. Building it and clearing its values is not timed.
- heavylight: a `Model` over arrays of all policies, as in its protection example. Making one runs it, and is timed. Its
  `LightModel`, which saves memory and takes longer, is not used.
- cashflower: a folder with a model, run by `cashflower.run` with the look-ups in plain arrays in place of data frames,
  and the first month alone in its output. It knows one policy at a time and takes minutes for all of them: it is timed
  on fewer, and so are we, whose fixed costs then weigh more.

Each is written twice: as its own examples write such a model, and once more as lean as we could: a twelfth root for
each age of the table in place of each policy and month, as we do it; and in cashflower array variables and its compiled
discounting in place of recursion in t.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import importlib.metadata
import importlib.util
import io
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from actuarial.closed_group import present_values

Array = np.ndarray

LAST_AGE = 120

CALLS = 50
"""Calls of ours in a row, timed together: as many take about as long as one run of a peer, and meet the same noise."""


class World(NamedTuple):
    """The job: lives, table and yearly rates."""

    age_months: Array
    pension: Array
    qx: Array
    discount_rate: Array
    indexation: Array

    @property
    def months(self) -> int:
        """Months from today to the last payment that anyone can get."""
        return 12 * LAST_AGE - int(self.age_months.min()) + 1

    def first(self, lives: int) -> World:
        """Keep some lives."""
        return self._replace(age_months=self.age_months[:lives], pension=self.pension[:lives])


def world(lives: int) -> World:
    """Return lives and rates of a usual size, the same in every run."""
    rng = np.random.default_rng(1)
    years = np.arange(LAST_AGE - 60 + 1)
    qx = -np.expm1(-5e-5 * np.exp(0.09 * np.arange(LAST_AGE + 1)))
    qx[-1] = 1.0
    return World(
        rng.integers(12 * 60, 12 * 96, lives),
        rng.uniform(100.0, 400.0, lives),
        qx,
        0.02 + 0.01 * np.exp(-years / 10),
        0.015 + 0.01 * np.exp(-years / 20),
    )


class Valuation(NamedTuple):
    """A way to value a job, and what makes it forget what it found."""

    value: Callable[[], Array]
    clear: Callable[[], object] = gc.collect
    calls: int = 1


def ours(job: World, threads: int | None) -> Array:
    """Value with our kernel, checks included."""
    return present_values(
        job.age_months,
        job.pension,
        job.qx,
        discount_rate=job.discount_rate,
        indexation=job.indexation,
        threads=threads,
    )


# --- modelx

MODELX = """
def age(t): return np.minimum((age_months + t) // 12, len(mort_table) - 1)

def mort_rate(t): return mort_table[age(t)]

def mort_rate_mth(t): return 1 - (1 - mort_rate(t)) ** (1 / 12)

def pols_if(t): return np.ones(len(age_months)) if t == 0 else pols_if(t - 1) - pols_death(t - 1)

def pols_death(t): return pols_if(t) * mort_rate_mth(t)

def inflation_factor(t):
    if t == 0:
        return 1.0
    return inflation_factor(t - 1) * (1 + inflation_rate[t // 12 - 1] if t % 12 == 0 else 1.0)

def disc_factors(t): return 1.0 if t == 0 else disc_factors(t - 1) / (1 + disc_rate[(t - 1) // 12]) ** (1 / 12)

def pensions(t): return pension * inflation_factor(t) * pols_if(t)

def pv_pensions(): return sum(pensions(t) * disc_factors(t) for t in range(proj_len))
"""

MODELX_LEAN = {
    "def mort_rate_mth(t): return 1 - (1 - mort_rate(t)) ** (1 / 12)": """
def mort_table_mth(): return 1 - (1 - mort_table) ** (1 / 12)

def mort_rate_mth(t): return mort_table_mth()[age(t)]
"""
}


def modelx_model(job: World, lean: bool) -> Valuation:
    """Build the model in code."""
    import modelx

    text = MODELX
    for plain, better in MODELX_LEAN.items() if lean else ():
        assert plain in text
        text = text.replace(plain, better)
    space = modelx.new_model().new_space("Projection")
    references = {
        "np": np,
        "age_months": job.age_months,
        "pension": job.pension,
        "mort_table": job.qx,
        "disc_rate": job.discount_rate,
        "inflation_rate": job.indexation,
        "proj_len": job.months,
    }
    for name, value in references.items():
        setattr(space, name, value)
    for formula in re.split(r"\n\n+", text.strip()):
        space.new_cells(formula=formula.strip())

    return Valuation(space.pv_pensions, space.clear_all)


# --- heavylight


def heavylight_model(job: World, lean: bool) -> Valuation:
    """Declare the class."""
    import heavylight

    class Pensions(heavylight.Model):
        def age(self, t: int) -> Array:
            return np.minimum((self.age_months + t) // 12, LAST_AGE)

        def q_x_12(self, t: int) -> Array:
            return 1 - (1 - self.qx[self.age(t)]) ** (1 / 12)

        def num_pols_if(self, t: int) -> Array:
            return np.ones(len(self.age_months)) if t == 0 else self.num_pols_if(t - 1) - self.num_deaths(t - 1)

        def num_deaths(self, t: int) -> Array:
            return self.num_pols_if(t) * self.q_x_12(t)

        def inflation_factor(self, t: int) -> float:
            if t == 0:
                return 1.0
            return self.inflation_factor(t - 1) * (1 + self.indexation[t // 12 - 1] if t % 12 == 0 else 1.0)

        def v(self, t: int) -> float:
            return 1.0 if t == 0 else self.v(t - 1) / (1 + self.discount_rate[(t - 1) // 12]) ** (1 / 12)

        def pensions(self, t: int) -> Array:
            return self.pension * self.inflation_factor(t) * self.num_pols_if(t)

        def pv_pensions(self, t: int) -> Array:
            return self.pensions(t) * self.v(t)

    class Lean(Pensions):
        def q_x_12(self, t: int) -> Array:
            return self.qx_12[self.age(t)]

    def value() -> Array:
        rates = {"qx_12": 1 - (1 - job.qx) ** (1 / 12)} if lean else {}
        return (Lean if lean else Pensions)(proj_len=job.months, **job._asdict(), **rates).pv_pensions.sum()

    return Valuation(value)


# --- cashflower

CASHFLOWER_INPUT = """
import numpy as np
import pandas as pd
from pathlib import Path
from cashflower import ModelPointSet

folder = Path(__file__).parent
main = ModelPointSet(data=pd.read_csv(folder / "policies.csv"))
with np.load(folder / "assumption.npz") as assumption:
    qx, inflation_factor, v_12 = (assumption[name] for name in ("qx", "inflation_factor", "v_12"))
p_12 = (1 - qx) ** (1 / 12)
"""

CASHFLOWER = """
from cashflower import variable
from input import main, qx, inflation_factor, v_12
from settings import settings

@variable()
def age(t):
    return (main.get("age_months") + t) // 12

@variable()
def survival_rate(t):
    if t == 0:
        return 1
    return survival_rate(t - 1) * (1 - qx[min(int(age(t - 1)), 120)]) ** (1 / 12)

@variable()
def expected_payment(t):
    return survival_rate(t) * main.get("pension") * inflation_factor[t]

@variable()
def present_value(t):
    if t == settings["T_MAX_CALCULATION"]:
        return expected_payment(t)
    return expected_payment(t) + present_value(t + 1) * v_12[t + 1]
"""

CASHFLOWER_LEAN = """
import numpy as np
from cashflower import discount, variable
from input import main, p_12, inflation_factor, v_12
from settings import settings

month = np.arange(settings["T_MAX_CALCULATION"])

@variable(array=True)
def survival_rate():
    age = np.minimum((main.get("age_months") + month) // 12, 120).astype(int)
    return np.concatenate(([1.0], np.cumprod(p_12[age])))

@variable(array=True)
def expected_payment():
    return survival_rate() * main.get("pension") * inflation_factor

@variable(array=True)
def present_value():
    return discount(expected_payment(), v_12)
"""


@contextlib.contextmanager
def importing(folder: Path) -> Iterator[None]:
    """Let cashflower import a model by its fixed names, and forget it afterwards."""
    arguments, sys.argv = sys.argv, sys.argv[:1]  # it reads the command line
    sys.path.insert(0, str(folder))
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        sys.argv = arguments
        sys.path.remove(str(folder))
        for name in ("input", "model", "settings"):
            sys.modules.pop(name, None)


def cashflower_model(job: World, lean: bool, folder: Path) -> Valuation:
    """Write the folder of the model; a valuation imports and runs it, as its run.py would."""
    import cashflower
    import pandas as pd

    folder.mkdir()
    growth = np.append(1.0, np.cumprod(1 + job.indexation))
    month = np.arange(job.months)
    v_12 = np.append(1.0, (1 + job.discount_rate[month[:-1] // 12]) ** (-1 / 12))
    np.savez(folder / "assumption.npz", qx=job.qx, inflation_factor=growth[month // 12], v_12=v_12)
    policies = {"id": np.arange(job.age_months.size), "age_months": job.age_months, "pension": job.pension}
    pd.DataFrame(policies).to_csv(folder / "policies.csv", index=False)
    settings = {
        "GROUP_BY": "id",
        "MULTIPROCESSING": False,
        "NUM_STOCHASTIC_SCENARIOS": None,
        "OUTPUT_VARIABLES": ["present_value"],
        "SAVE_DIAGNOSTIC": False,
        "SAVE_LOG": False,
        "SAVE_OUTPUT": False,
        "T_MAX_CALCULATION": job.months - 1,
        "T_MAX_OUTPUT": 0,
    }
    (folder / "settings.py").write_text(f"settings = {settings!r}\n", encoding="utf-8")
    (folder / "input.py").write_text(CASHFLOWER_INPUT, encoding="utf-8")
    (folder / "model.py").write_text(CASHFLOWER_LEAN if lean else CASHFLOWER, encoding="utf-8")

    def value() -> Array:
        with importing(folder):
            output, _, _ = cashflower.run(settings=importlib.import_module("settings").settings)
        return output["present_value"].to_numpy()

    return Valuation(value)


# --- in turn


class Row(NamedTuple):
    """A line of the table."""

    name: str
    package: str
    target: int
    job: World
    valuation: Valuation


def rows(job: World, few: World, folder: Path) -> Iterator[Row]:
    """Yield every way to do the job whose package is there; tell of the others."""
    makers: dict[str, tuple[int, World, Callable[[World, bool], Valuation]]] = {
        "modelx": (25, job, modelx_model),
        "heavylight": (40, job, heavylight_model),
        "cashflower": (1000, few, lambda job, lean: cashflower_model(job, lean, folder / f"lean_{lean}")),
    }
    for package, (target, its_job, maker) in makers.items():
        if importlib.util.find_spec(package) is None:
            print(f"{package} is not installed and left out: pip install --constraint constraints.txt {package}")
            continue
        for lean in (False, True):
            name = f"{package}, {'lean' if lean else 'as in examples'}"
            yield Row(name, package, target, its_job, maker(its_job, lean))


def seconds(valuation: Valuation) -> tuple[float, Array]:
    """Return how long one valuation takes, the mean of so many calls, and what it finds."""
    valuation.clear()
    gc.collect()
    begin = time.perf_counter()
    for _ in range(valuation.calls):
        found = valuation.value()
    return (time.perf_counter() - begin) / valuation.calls, found


def one_round(row: Row) -> tuple[float, float]:
    """Return what we take and what the peer takes, and hold its values against ours."""
    mine, expected = seconds(Valuation(lambda: ours(row.job, threads=1), calls=CALLS))
    its, found = seconds(row.valuation)
    np.testing.assert_allclose(found, expected, rtol=1e-9, err_msg=row.name)
    row.valuation.clear()
    return mine, its


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lives", type=int, default=10_000)
    parser.add_argument("--few", type=int, default=1000, help="lives for cashflower, and for us beside it")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    job = world(chosen.lives)
    np.testing.assert_array_equal(ours(job, threads=1), ours(job, threads=None))  # and the kernel is compiled
    with tempfile.TemporaryDirectory() as name:
        table = list(rows(job, job.first(chosen.few), Path(name)))
        cores = Row("Granary, all cores", "evergranary", 0, job, Valuation(lambda: ours(job, None), calls=CALLS))
        times: dict[str, list[tuple[float, float]]] = {row.name: [] for row in (cores, *table)}
        for _ in range(chosen.rounds):
            for row in (cores, *table):
                times[row.name].append(one_round(row))
    print(f"{chosen.rounds} rounds in turn; one thread of ours takes 1\n")
    print("| peer | version | policies | seconds (median) | ours (median) | times as long (range) | target |")
    print("|---|---|--:|--:|--:|--:|--:|")
    for row in (cores, *table):
        mine, its = (statistics.median(column) for column in zip(*times[row.name], strict=True))
        ratios = sorted(theirs / our for our, theirs in times[row.name])
        spread = f"{statistics.median(ratios):,.3g} ({ratios[0]:,.3g} to {ratios[-1]:,.3g})"
        version, lives = importlib.metadata.version(row.package), row.job.age_months.size
        print(f"| {row.name} | {version} | {lives:,} | {its:.5f} | {mine:.5f} | {spread} | {row.target or ''} |")


if __name__ == "__main__":
    main()
