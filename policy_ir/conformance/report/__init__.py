"""Reports of conformance runs: as JSON, as JUnit XML, and as one HTML page.

What people read in a terminal is laid out by the command line.
"""

from policy_ir.conformance.report.results import Judged, Results

__all__ = ["Judged", "Results"]
