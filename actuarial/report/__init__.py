"""HTML, PDF, Excel and figures from saved results only.

`write_report` draws the page of one run again, whenever it is wanted: nothing is fitted, nothing is projected.
"""

from actuarial.report._errors import ReportError
from actuarial.report.page import write_report
from actuarial.report.results import Results, read_results

__all__ = ["ReportError", "Results", "read_results", "write_report"]
