"""Worker processes and the jobs that clients see: the home of multiprocessing for workers."""

from .lanes import Cancelled, CancelToken, Lane, Lanes
from .table import Job, JobTable, Work

__all__ = ["CancelToken", "Cancelled", "Job", "JobTable", "Lane", "Lanes", "Work"]
