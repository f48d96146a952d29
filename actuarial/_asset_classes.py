"""What each class of asset earns, so that the portfolio of reference earns what was drawn for it."""

from __future__ import annotations

import xarray as xr

from actuarial._assumed_invested import ClassReturns
from actuarial.portfolio import Portfolio
from forecasting.axes import require

LEAST = -0.95
"""No class loses more in a year; as the bound of ``market_return`` (`forecasting.axes`)."""


def class_returns(projection: xr.Dataset, held: Portfolio, rule: ClassReturns) -> xr.Dataset:
    """Take the drawn return of the reference portfolio apart by class.

    Liquid assets earn the deposit rate; bonds and projects a premium over it, with draws of their own; stocks earn
    what is left of ``market_return``, by the shares of the default :class:`actuarial.portfolio.Portfolio`, which are
    those that the prior of that return has in mind. Where stocks would lose more than :data:`LEAST`, bonds bear the
    rest; where they cannot, all three lose alike. So the reference earns ``market_return`` in every draw and year.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``deposit_rate``, ``market_return`` and ``bond_deviate``, and with ``project_deviate`` where projects are
        held, dims (draw?, year).
    held : Portfolio
        Tells whether there are projects.
    rule : ClassReturns
        Premiums and volatilities.

    Returns
    -------
    xarray.Dataset, dims (draw?, year)
        ``liquid, fixed_income, equity, borrowed`` and, where held, ``projects``: rate per year; ``borrowed`` is the
        rate paid.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable is missing.
    """
    require(projection, ["deposit_rate", "market_return", "bond_deviate", *["project_deviate"] * (held.projects > 0)])
    deposits, drawn, reference = projection["deposit_rate"], projection["market_return"], Portfolio()
    liquid, bonds = xr.broadcast(
        deposits, deposits + rule.bond_premium + rule.bond_volatility * projection["bond_deviate"]
    )
    bonds = bonds.clip(min=LEAST)
    stocks = (drawn - reference.liquid * liquid - reference.fixed_income * bonds) / reference.equity
    borne = (drawn - reference.liquid * liquid - reference.equity * LEAST) / reference.fixed_income
    deep = stocks < LEAST
    stocks, bonds = stocks.where(~deep, LEAST), bonds.where(~deep, borne)
    beyond = bonds < LEAST
    made = {
        "liquid": liquid.where(~beyond, drawn),
        "fixed_income": bonds.where(~beyond, drawn),
        "equity": stocks.where(~beyond, drawn),
        "borrowed": deposits + rule.borrowing_spread,
    }
    if held.projects > 0:
        project = deposits + rule.project_premium + rule.project_volatility * projection["project_deviate"]
        made["projects"] = project.clip(min=LEAST)
    return xr.Dataset(made)
