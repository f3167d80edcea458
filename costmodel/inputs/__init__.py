"""What a study is fed with: parameters with their distributions and sources, and draws of them."""

from costmodel.inputs.bibliography import Bibliography, Reference, read_bibliography
from costmodel.inputs.copula import RankCorrelations
from costmodel.inputs.distributions import (
    Beta,
    Fixed,
    Gamma,
    Lognormal,
    Normal,
    Triangular,
    Uniform,
)
from costmodel.inputs.drawing import Design, blocks, draws, monte_carlo, sobol
from costmodel.inputs.drawn import Draws, base_draws
from costmodel.inputs.evidence import evidence_parameter
from costmodel.inputs.joint import Dirichlet, Joint, MultivariateNormal
from costmodel.inputs.parameter import Parameter
from costmodel.inputs.parameters import Parameters, fixed_parameter
from costmodel.inputs.protocol import Distribution, DistributionError
from costmodel.inputs.reading import read_parameters, write_parameters

__all__ = [
    "Beta",
    "Bibliography",
    "Design",
    "Dirichlet",
    "Distribution",
    "DistributionError",
    "Draws",
    "Fixed",
    "Gamma",
    "Joint",
    "Lognormal",
    "MultivariateNormal",
    "Normal",
    "Parameter",
    "Parameters",
    "RankCorrelations",
    "Reference",
    "Triangular",
    "Uniform",
    "base_draws",
    "blocks",
    "draws",
    "evidence_parameter",
    "fixed_parameter",
    "monte_carlo",
    "read_bibliography",
    "read_parameters",
    "sobol",
    "write_parameters",
]
