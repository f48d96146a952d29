"""The funds of China's provinces, added up to the nation's of the shared run."""

from __future__ import annotations

import numpy as np
import pytest

from actuarial import regional
from actuarial._pooling_rules import Pooling
from actuarial.runfile import RunFile
from actuarial.saving import Results
from forecasting import projection
from forecasting.projection import Fits
from tests.forecasting import regional_world as world

LEVELS = ["county", "province", "nation"]


@pytest.mark.slow
def test_the_pensions_of_all_provinces_add_up_to_the_nation_s(fits: Fits, valued: Results, few: RunFile) -> None:
    """With shares of the nation that are written down and not sampled: what adds up does so whatever they are."""
    draws = 20
    people = projection.forecast(fits, few.run.last_year).isel(draw=slice(0, draws))
    account = valued.account.sel(scenario=["law"]).isel(draw=slice(0, draws))
    place_fit = world.region_fit(fits.tables, draws)
    funds = {"pension": account}
    asked = {"own": {}, "cases": few.cases, "accounts": funds}
    told = regional.pooled(fits, place_fit, people, **asked, rule=Pooling(levels=LEVELS, draws=draws))
    assert told.sizes["region"] == 31
    one = told.sel(fund="pension", scenario="law")
    nation = account.sel(scenario="law")
    empty = (nation["pool_balance"] <= 0).cumsum("year") > 0
    np.testing.assert_array_equal(one["people_depleted"].sel(level="nation"), empty.transpose("draw", "year"))
    assert float(np.abs(one["transfer"].sel(level=["county", "province"])).max()) < 1e-6
    sent = one["sent_between"].sel(level="nation")
    assert float(sent.min()) > 0 and float(sent.max()) < 0.5
