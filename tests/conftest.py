"""What holds for every test: none is failed by the clock, since a loaded machine is slow and nothing else."""

from hypothesis import HealthCheck, settings

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
