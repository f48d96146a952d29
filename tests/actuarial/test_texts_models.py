"""Words for the checks of the models of other funds than the pension."""

from __future__ import annotations

import pytest

from actuarial.report.texts import catalogue
from forecasting.models import predictive
from forecasting.models._replicas_schemes import MEDICAL, RATES

SERIES = {
    "medical": {"enrolled": "persons"} | {name: unit for name, (unit, *_) in MEDICAL.items()},
    "unemployment": dict.fromkeys(RATES, "share") | {"workers": "persons", "wage": "share"},
}


@pytest.mark.parametrize("model", list(predictive.SCHEMES))
def test_every_series_of_a_scheme_has_a_title_and_a_unit_in_both_languages(model: str) -> None:
    words = catalogue()
    assert {"en", "zh"} == set(words[f"model.{model}"])
    for series, unit in SERIES[model].items():
        assert {"en", "zh"} == set(words[f"check.{model}.{series}"]), series
        # People are written in the unit of their place.
        assert (f"check.{model}.{series}_unit" in words) == (unit != "persons"), series
