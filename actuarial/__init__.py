"""Money: from a Projection to a fund's account, its solvency and a report."""
