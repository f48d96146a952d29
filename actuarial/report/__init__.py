"""HTML, PDF, Excel and figures from saved results only.

`write_report` and `write_brief` draw the pages of one run again, whenever they are wanted: nothing is fitted, nothing
is projected.
"""

from actuarial.report._errors import ReportError
from actuarial.report.brief import write_brief
from actuarial.report.page import write_report
from actuarial.report.results import Results, read_results

__all__ = ["ReportError", "Results", "read_results", "write_brief", "write_report"]
