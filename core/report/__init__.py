"""A comparison of runs as one file that needs nothing else."""

from core.report.gather import Comparison, gather
from core.report.page import html_report

__all__ = ["Comparison", "gather", "html_report"]
