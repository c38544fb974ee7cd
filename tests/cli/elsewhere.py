"""A place for what steps print that is not Dagster's own, as settings may name one."""

from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager


class Elsewhere(NoOpComputeLogManager):
    """Another class than the local files."""
