"""One Bayesian model each; the only place that imports pymc, and late."""
