"""Caps on the sources of the pool, and the order in which those are called on that pay only as needed."""

from __future__ import annotations

from dataclasses import dataclass

import xarray as xr

from actuarial._assumed_sources import Source
from actuarial._fiscal_transfer import FiscalTransfer, bounded, lesser, summed
from actuarial.assumptions import Assumptions
from actuarial.flow import Flow, Kind, Ledger

FLOWS: dict[Source, str] = {
    "land": "land_withdrawal",
    "collective": "collective_pool",
    "donations": "donations",
    "platform": "platform",
    "fiscal": "fiscal_transfer",
}
"""Flow of each source that can be called on as needed."""


@dataclass(frozen=True)
class Mix:
    """All sources of the pool together: what each pays once caps and order have had their say.

    A source pays by its rule, at most ``cap_share`` of the pool's scheduled outgo of the year. Those of
    ``sources.as_needed`` wait: what the others leave of the outgo is their gap, and they fill it one after the other,
    each up to its rule and cap. What they pay together is the lesser of the gap and of all their limits, in any
    order: the order tells who pays, not what the pool gets. Interest and the reserve do not fill the gap.

    Attributes
    ----------
    transfer : FiscalTransfer
    others : tuple of Flow
        Every other income of the pool, by its own rule.
    outgo : tuple of Flow
        What the pool pays, transfers to the accounts included.
    """

    transfer: FiscalTransfer
    others: tuple[Flow, ...]
    outgo: tuple[Flow, ...]

    def flows(self) -> tuple[Called, ...]:
        """Return the transfer and the other sources, in this order, as flows of a fund."""
        return tuple(Called(source, self) for source in (self.transfer, *self.others))

    def paid(self, projection: xr.Dataset, assumptions: Assumptions) -> dict[str, xr.DataArray]:
        """Work out what every source pays.

        Parameters
        ----------
        projection : xarray.Dataset
            What the flows read (`actuarial.pension.with_accounts`).
        assumptions : Assumptions

        Returns
        -------
        dict of str to xarray.DataArray, dims (draw?, year)
            Yuan by name of the flow.

        Raises
        ------
        forecasting.axes.AxisError
            If the projection lacks what a flow reads.
        """
        outgo = summed(self.outgo, projection, assumptions)
        waiting = order(assumptions)
        limits = {
            flow.name: _capped(flow.amount(projection, assumptions), outgo, caps(assumptions).get(flow.name))
            for flow in self.others
        }
        name = self.transfer.name
        transfer = self.transfer.limit if name in waiting else self.transfer.amount
        limits[name] = transfer(projection, assumptions)
        gap = outgo - sum(amount for flow, amount in limits.items() if flow not in waiting)
        for flow in waiting:
            limits[flow] = lesser(limits[flow], gap.clip(min=0.0))
            gap = gap - limits[flow]
        if name in waiting:
            limits[name] = bounded(limits[name], projection, assumptions)
        return limits


@dataclass(frozen=True)
class Called:
    """A source of the pool, paying what the mix asks of it.

    Attributes
    ----------
    source : Flow
        By its own rule.
    mix : Mix
    """

    source: Flow
    mix: Mix

    @property
    def name(self) -> str:
        """That of the source."""
        return self.source.name

    @property
    def ledger(self) -> Ledger:
        """That of the source."""
        return self.source.ledger

    @property
    def kind(self) -> Kind:
        """That of the source."""
        return self.source.kind

    @property
    def meaning(self) -> str:
        """That of the source."""
        return self.source.meaning

    def amount(self, projection: xr.Dataset, assumptions: Assumptions) -> xr.DataArray:
        """Yuan of each year; see :class:`actuarial.flow.Flow`. Without cap or order, the source's own rule."""
        if not assumptions.sources.as_needed and not caps(assumptions):
            return self.source.amount(projection, assumptions)
        return self.mix.paid(projection, assumptions)[self.name]


def caps(assumptions: Assumptions) -> dict[str, float]:
    """Return the part of the pool's outgo that a source may pay at most, by name of its flow; those with a cap."""
    given: dict[Source, float | None] = {
        "land": assumptions.land.cap_share,
        "collective": assumptions.collective.cap_share,
        "donations": assumptions.collective.donations_cap_share,
        "platform": assumptions.platform.cap_share,
    }
    return {FLOWS[source]: share for source, share in given.items() if share is not None}


def order(assumptions: Assumptions) -> tuple[str, ...]:
    """Return the flows that are called on as needed, first to last; a transfer within capacity is one of them."""
    asked = tuple(FLOWS[source] for source in assumptions.sources.as_needed)
    fills = assumptions.fiscal.rule == "within_capacity" and FLOWS["fiscal"] not in asked
    return (*asked, FLOWS["fiscal"]) if fills else asked


def _capped(amount: xr.DataArray, outgo: xr.DataArray, share: float | None) -> xr.DataArray:
    return amount if share is None else lesser(amount, share * outgo)
