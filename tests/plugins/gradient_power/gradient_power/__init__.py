"""The gradient's size to a power, as an attribution method of its own package."""

from ineq.attribution.methods import Method

from .maps import gradient_power

METHOD = Method(gradient_power, {"power": 2.0}, {})
