"""Published life tables, projections and expectancies, from outside; no value here is ever computed by us.

The tolerance is half a unit of the last digit printed, or one person where the book went on from rounded figures.
"""

import numpy as np
import pytest

from forecasting import cohort, lifetable
from forecasting.sources import default_data_folder, read_tables


def printed(row: str) -> np.ndarray:
    """Read a row of a table as it is printed."""
    return np.array(row.split(), dtype=float)


class TestAustrianMales1992:
    """Preston, Heuveline and Guillot 2001, Demography, box 3.1: a period life table from deaths and people."""

    lower = np.array([0, 1, *range(5, 90, 5)])
    people = printed(
        "47925 189127 234793 238790 254996 326831 355086 324222 269963 261971 238011 261612 "
        "181385 187962 153832 105169 73694 57512 32248"
    )
    deaths = printed("419 70 36 46 249 420 403 441 508 769 1154 1866 2043 3496 4366 4337 5279 6460 6146")
    a_from_5 = printed("2.5 3.143 2.724 2.520 2.481 2.601 2.701 2.663 2.698 2.676 2.645 2.624 2.619 2.593 2.518 2.423")

    @pytest.fixture
    def table(self):
        mx = lifetable.death_rates(self.deaths, self.people)
        below_5 = lifetable.separation(mx, self.lower, sex="male")[:2]
        return lifetable.life_table(mx, self.lower, np.append(below_5, self.a_from_5))

    def test_a0_and_a1_are_the_formulas_of_the_box(self, table):
        m0 = self.deaths[0] / self.people[0]
        assert table.ax[:2] == pytest.approx([0.045 + 2.684 * m0, 1.651 - 2.816 * m0], abs=1e-12)

    @pytest.mark.parametrize(("age", "years"), [(0, 72.889), (15, 58.740), (65, 14.971), (85, 5.247)])
    def test_expectancy(self, table, age, years):
        assert table.ex[self.lower.tolist().index(age)] == pytest.approx(years, abs=0.0006)

    def test_survivors(self, table):
        published = printed(
            "100000 99133 98986 98910 98815 98334 97704 97151 96492 95588 94195 91937 88711 83845 "
            "76377 66225 53803 37441 21134"
        )
        np.testing.assert_allclose(table.lx, published, atol=0.6)


class TestSwedishFemales1993To1998:
    """The same book, box 6.2 (with migration; box 6.1 is the same start without it)."""

    start = printed(
        "293395 248369 240012 261346 285209 314388 281290 286923 304108 324946 247613 211351 "
        "215140 221764 223506 183654 141990 112424"
    )
    person_years = printed(
        "497487 497138 496901 496531 495902 495168 494213 492760 490447 486613 480665 471786 "
        "457852 436153 402775 350358 271512 291707"
    )
    fertility = np.array([0] * 3 + [0.0120, 0.0908, 0.1499, 0.1125, 0.0441, 0.0074, 0.0003] + [0] * 8)
    migrants = printed("6840 4150 3365 5270 9240 8230 5470 3155 1770 1115 1075 845 645 530 465 300 250 175")

    @pytest.fixture
    def end(self):
        return cohort.step(self.start, self.person_years, self.fertility, self.migrants, sex_ratio=1.05)

    def test_births_by_age_of_mother(self, end):
        np.testing.assert_allclose(end.births[3:10], [15244, 126688, 229354, 170057, 63203, 10971, 472], atol=1)

    def test_women_in_1998(self, end):
        published = printed(
            "302392 298682 252007 244150 268267 293515 320624 284767 288031 303166 322062 243989 "
            "205841 205516 205270 194771 142565 131966"
        )
        np.testing.assert_allclose(end.women, published, atol=1)

    def test_boys_below_5_in_1998(self, end):
        assert end.boys == pytest.approx(317340, abs=1)

    def test_without_migrants_every_cohort_is_its_start_times_survival(self):
        closed = cohort.step(self.start, self.person_years, self.fertility)
        ratio = self.person_years[1:-1] / self.person_years[:-2]
        np.testing.assert_allclose(closed.women[1:-1], self.start[:-2] * ratio)


@pytest.mark.parametrize(("sex", "years"), [("female", 80.404), ("male", 74.831)])
class TestChina2015To2020:
    """UN World Population Prospects 2024: e(0) of China from the UN's own rates, which have eight digits."""

    @staticmethod
    def rates(sex):
        rows = read_tables(default_data_folder()).table("mx", area="national", year=2018)
        rows = rows[rows["sex"] == sex]
        return rows["value"].to_numpy(), rows["age_from"].to_numpy().astype(int)

    def test_expectancy_by_age_group(self, sex, years):
        assert lifetable.life_table(*self.rates(sex), sex=sex).ex[0] == pytest.approx(years, abs=0.002)

    def test_expectancy_by_single_age(self, sex, years):
        # Deaths spread evenly in each year of age where the UN bends them within five: 0.003 years.
        assert lifetable.expectancy(lifetable.ungroup(*self.rates(sex))) == pytest.approx(years, abs=0.004)


PROVINCES = 31
PRINTED_SHARE = 0.00005
"""Half a unit of the last digit of a share printed as a percentage with two decimals."""


class TestProvincesOfTheCensusOf2020:
    """Bulletins no. 3, 5 and 7 of the census of 2020: what was pieced together makes the nation that is printed.

    Each printed share leaves half a unit, seventy thousand people over all provinces together.
    """

    @staticmethod
    def parts(indicator, columns):
        rows = read_tables(default_data_folder()).frames["population"].query("region != 'China' and year == 2020")
        rows = rows[rows["indicator"] == indicator]
        rows = rows if columns == "area" else rows[rows["area"] == "national"]
        return rows.pivot(index="region", columns=columns, values="value")

    @pytest.fixture
    def counted(self):
        return self.parts("population_census", "area")

    @pytest.fixture
    def shares(self):
        return self.parts("population_share", "age")

    @pytest.fixture
    def urban(self):
        rows = read_tables(default_data_folder()).frames["provinces"].query("indicator == 'urban_share_census'")
        return rows.set_index("region")["value"]

    def test_people(self, counted):
        # The armed forces, a round number, are counted with the nation and with no province.
        assert counted["national"].notna().sum() == PROVINCES
        assert 1_411_778_724 - counted["national"].sum() == 2_000_000

    def test_countryside(self, counted, urban):
        assert len(urban) == PROVINCES
        slack = PRINTED_SHARE * counted["national"].sum()
        assert ((1 - urban) * counted["national"]).sum() == pytest.approx(509_787_562, abs=slack)

    def test_people_of_65_and_over(self, counted, shares):
        assert shares["65+"].notna().sum() == PROVINCES
        slack = PRINTED_SHARE * counted["national"].sum()
        assert (shares["65+"] * counted["national"]).sum() == pytest.approx(190_635_280, abs=slack)

    def test_age_shares_of_a_province_make_one(self, shares):
        whole = shares[["0-14", "15-59", "60+"]].dropna().sum(axis=1)
        assert len(whole) >= 21
        np.testing.assert_allclose(whole, 1, rtol=0, atol=3 * PRINTED_SHARE)

    def test_town_and_country_make_the_province(self, counted):
        both = counted.dropna()
        # Shandong is printed in ten thousands with one decimal, twice.
        assert len(both) >= 11
        np.testing.assert_allclose(both["urban"] + both["rural"], both["national"], rtol=0, atol=1000)

    def test_counts_and_shares_say_the_same(self, counted, urban):
        share = (counted["urban"] / counted["national"]).dropna()
        assert len(share) >= 12
        np.testing.assert_allclose(share, urban[share.index], rtol=0, atol=PRINTED_SHARE + 1e-9)


class TestProvincesOfTheYearbook2025:
    """China Statistical Yearbook 2025, table 2-7: people, the countryside and births of 2024 add up to the nation."""

    @pytest.fixture
    def rows(self):
        rows = read_tables(default_data_folder()).frames["provinces"].query("year == 2024")
        return rows.pivot(index="region", columns="indicator", values="value")

    def test_countryside(self, rows):
        # People are printed to ten thousand, shares to two decimals.
        people = rows["population_year_end_province"]
        slack = PRINTED_SHARE * people.sum() + 5000 * PROVINCES
        assert people.notna().sum() == PROVINCES
        assert (people * (1 - rows["urban_share_province"])).sum() == pytest.approx(464_780_000, abs=slack)

    def test_births(self, rows):
        # The rates are over the mean of the year, the people those of its end: a tenth of a per cent apart.
        births = (rows["birth_rate_province"] * rows["population_year_end_province"]).sum()
        nation = read_tables(default_data_folder()).series("births").loc[2024]
        assert births == pytest.approx(nation, rel=0.01)
