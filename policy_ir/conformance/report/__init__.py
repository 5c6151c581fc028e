"""Reports of conformance runs: as JSON, as JUnit XML, and as one HTML page; what people read in a terminal is the
command line's."""

from policy_ir.conformance.report.results import Judged, Results

__all__ = ["Judged", "Results"]
