"""Every number that an actuary chooses for the medical fund, as one object."""

from __future__ import annotations

from actuarial._medical_care_rules import Catastrophic, Provisions, Reimbursement
from actuarial._medical_programme_rules import County, Equipment, HealthManagement
from actuarial._medical_reserve_rules import MedicalInvestment, MedicalValuation, Reserve
from actuarial._medical_rules import Enrolment, Financing
from actuarial._medical_supplement_rules import Supplement
from actuarial._quantity import Section, year


class MedicalAssumptions(Section):
    """Every number that an actuary chooses for the resident medical fund; the default is today's law."""

    money_year: int = year(
        2026,
        meaning="Year in whose money amounts in yuan are stated; they grow from it by the rule of each",
        source="Year of the last published standards of contribution and subsidy",
    )
    financing: Financing = Financing()
    enrolment: Enrolment = Enrolment()
    reimbursement: Reimbursement = Reimbursement()
    provisions: Provisions = Provisions()
    catastrophic: Catastrophic = Catastrophic()
    health_management: HealthManagement = HealthManagement()
    county: County = County()
    equipment: Equipment = Equipment()
    supplement: Supplement = Supplement()
    reserve: Reserve = Reserve()
    investment: MedicalInvestment = MedicalInvestment()
    valuation: MedicalValuation = MedicalValuation()
