"""Ways to pay: members, match, fiscal shares, land income, collective, donations, platform."""

from __future__ import annotations

import numpy as np
import xarray as xr

from actuarial import tiers
from actuarial._fiscal_levels import LEVELS, by_level
from actuarial._fiscal_transfer import FiscalTransfer, cap_binds
from actuarial._pool_sources import (
    CollectivePool,
    Donations,
    LandWithdrawal,
    OtherIncome,
    PlatformPayment,
    collective_per_head,
)
from actuarial._source_order import Mix
from actuarial._swing import swing
from actuarial.assumptions import Assumptions
from actuarial.flow import Recorded
from forecasting.axes import require

__all__ = [
    "COLLECTIVE_ACCOUNTS",
    "CONTRIBUTIONS",
    "CREDITED_INTEREST",
    "LEVELS",
    "MATCH",
    "CollectivePool",
    "Donations",
    "FiscalTransfer",
    "LandWithdrawal",
    "Mix",
    "OtherIncome",
    "PlatformPayment",
    "account_money_per_head",
    "by_level",
    "cap_binds",
    "swing",
]

CONTRIBUTIONS = Recorded("contributions", "accounts", "income", "Contributions of members")
COLLECTIVE_ACCOUNTS = Recorded("collective_accounts", "accounts", "income", "Collective subsidy into the accounts")
MATCH = Recorded("match", "pool", "outgo", "Government match, from the pool into the accounts")
CREDITED_INTEREST = Recorded("credited_interest", "accounts", "interest", "Interest credited to the accounts")


def account_money_per_head(projection: xr.Dataset, assumptions: Assumptions) -> xr.Dataset:
    """Split what members, government and collectives put into one account in a year.

    Parameters
    ----------
    projection : xarray.Dataset
        With ``contribution_per_head`` and ``rural_income``, dims (draw?, year), and where collectives pay and their
        subsidy swings, ``collective_deviate``.
    assumptions : Assumptions
        Sections ``accounts`` and ``collective``.

    Returns
    -------
    xarray.Dataset
        ``member, match, collective`` in yuan per contributor and year. The match
        is that of the tiers chosen (`actuarial.tiers`). A cap on the members'
        share moves money from `member` to `match`; the sum stays.

    Raises
    ------
    forecasting.axes.AxisError
        If a variable or a base year is missing.
    """
    require(projection, ["contribution_per_head", "rural_income"])
    rule = assumptions.accounts
    member, match = xr.broadcast(projection["contribution_per_head"], tiers.match_per_head(projection, assumptions))
    collective = collective_per_head(projection, assumptions, assumptions.collective.accounts_per_head)
    if rule.member_share_cap is not None:
        total = member + match + collective
        capped = np.minimum(member, np.maximum(rule.member_share_cap * total, 0.0))
        member = member.where(member["year"] < rule.member_share_cap_from, capped)
        match = total - collective - member
    return xr.Dataset({"member": member, "match": match, "collective": collective})
