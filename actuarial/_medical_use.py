"""Use and cost of care before the fund pays: by sex and age, and summed over two bands of age."""

from __future__ import annotations

import xarray as xr

from actuarial._medical_programme_rules import HealthManagement

PEOPLE = (
    "insured",
    "inpatient_age",
    "inpatient_level",
    "inpatient_cost_age",
    "inpatient_cost",
    "outpatient_age",
    "outpatient_level",
    "outpatient_cost",
    "chronic_outpatient",
    "chronic_prevalence",
)
"""Variables of a Projection that :func:`by_age` reads."""

OLD = 60
"""First age of the upper of the two bands between which the burden of households differs."""

MANAGED = 65
"""Age from which everybody is offered health management."""

BANDS = ("under 60", "60 and over")


def ramp(years: xr.DataArray, first: int, length: int) -> xr.DataArray:
    """Rise in equal steps to 1.

    Parameters
    ----------
    years : xarray.DataArray, dims (year,)
        Calendar years.
    first : int
        Year of the first step.
    length : int
        Steps; the last year of the rise is ``first + length - 1``.

    Returns
    -------
    xarray.DataArray, dims (year,)
        0 before `first`, 1 from the last step on.
    """
    return ((years - first + 1) / length).clip(0.0, 1.0).drop_attrs()


def by_age(world: xr.Dataset, rule: HealthManagement) -> xr.Dataset:
    """Give people, and cost of care before reimbursement, by sex and age.

    Parameters
    ----------
    world : xarray.Dataset
        With :data:`PEOPLE`: ``insured`` over (draw?, sex, age, year), the others over part of that.
    rule : HealthManagement
        Coverage, what is found early, stays avoided and their lag.

    Returns
    -------
    xarray.Dataset
        Over (draw?, sex, age, year): ``insured`` and ``managed`` (persons), ``inpatient``, ``outpatient`` and
        ``chronic`` (yuan, with the effects of health management), and ``inpatient_plain`` and ``chronic_plain``
        (without). The chronic programme falls on ages by prevalence; its mean per person is that of `world`.
    """
    insured, years, age = world["insured"].astype(float), world["year"], world["age"]
    offered = world["chronic_prevalence"].where(age < MANAGED, 1.0) * rule.coverage
    now = offered * ramp(years, rule.from_year, rule.phase_years)
    then = offered * ramp(years, rule.from_year + rule.lag_years, rule.phase_years)
    stays = insured * world["inpatient_age"] * world["inpatient_level"]
    inpatient = stays * (world["inpatient_cost_age"] * world["inpatient_cost"])
    visits = insured * world["outpatient_age"] * world["outpatient_level"]
    ill = insured * world["chronic_prevalence"]
    per_patient = world["chronic_outpatient"] * insured.sum(["sex", "age"]) / ill.sum(["sex", "age"])
    made = {
        "insured": insured,
        "managed": insured * now,
        "inpatient": inpatient * (1 - rule.found_early * rule.stays_avoided * then),
        "inpatient_plain": inpatient,
        "outpatient": visits * world["outpatient_cost"],
        "chronic": (ill + rule.found_early * insured * now) * per_patient,
        "chronic_plain": ill * per_patient,
    }
    return xr.Dataset(made)


def totals(world: xr.Dataset, rule: HealthManagement) -> xr.Dataset:
    """Give the same summed over sex and the ages of each band, without making any of it by age.

    Parameters
    ----------
    world, rule
        As in :func:`by_age`.

    Returns
    -------
    xarray.Dataset
        The variables of :func:`by_age` over (draw?, band, year), with ``band`` one of :data:`BANDS`, and ``births``
        over (draw?, year): persons insured at age 0.
    """
    stays = world["inpatient_age"] * world["inpatient_cost_age"]
    offered = world["chronic_prevalence"].where(world["age"] < MANAGED, 1.0) * rule.coverage
    weights = {
        "insured": xr.ones_like(world["inpatient_age"]),
        "stays": stays,
        "stays_offered": stays * offered,
        "visits": world["outpatient_age"],
        "ill": world["chronic_prevalence"],
        "offered": offered,
    }
    summed = xr.Dataset({name: _by_band(world["insured"], weight) for name, weight in weights.items()})
    born = world["insured"].sel(age=0, drop=True).sum("sex", dtype=float)
    return _costs(world, summed, rule).assign(births=born).transpose(..., "band", "year")


def _costs(world: xr.Dataset, summed: xr.Dataset, rule: HealthManagement) -> xr.Dataset:
    """Turn weighted heads of each band into persons and yuan."""
    years = world["year"]
    now = ramp(years, rule.from_year, rule.phase_years)
    then = ramp(years, rule.from_year + rule.lag_years, rule.phase_years)
    a_stay = world["inpatient_level"] * world["inpatient_cost"]
    avoided = rule.found_early * rule.stays_avoided * then * summed["stays_offered"]
    per_patient = world["chronic_outpatient"] * over(summed["insured"].sum("band"), summed["ill"].sum("band"))
    return xr.Dataset(
        {
            "insured": summed["insured"],
            "managed": summed["offered"] * now,
            "inpatient": (summed["stays"] - avoided) * a_stay,
            "inpatient_plain": summed["stays"] * a_stay,
            "outpatient": summed["visits"] * world["outpatient_level"] * world["outpatient_cost"],
            "chronic": (summed["ill"] + rule.found_early * summed["offered"] * now) * per_patient,
            "chronic_plain": summed["ill"] * per_patient,
        }
    )


def _by_band(insured: xr.DataArray, weight: xr.DataArray) -> xr.DataArray:
    """Sum people over sex and the ages of each band with a weight by age, in double precision."""
    old = insured["age"].values >= OLD
    parts = []
    for chosen in (~old, old):
        heads, of_age = insured.isel(age=chosen), weight.isel(age=chosen)
        dims = [dim for dim in ("sex", "age") if dim in of_age.dims]
        # A weight without sex weighs both alike.
        heads = heads if "sex" in dims else heads.sum("sex", dtype=float)
        parts.append(xr.dot(heads, of_age.astype(float), dim=dims))
    return xr.concat(parts, xr.DataArray(list(BANDS), dims="band", name="band"))


def over(part: xr.DataArray, whole: xr.DataArray) -> xr.DataArray:
    """Divide `part` by `whole`; 0 where the whole is not above 0."""
    return (part / whole.where(whole > 0)).fillna(0.0)
