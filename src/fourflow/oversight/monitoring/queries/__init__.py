"""What can be read about the whole: the audit of rows, the readings that alarms hang on, rules that are broken or were."""

from fourflow.oversight.monitoring.queries.alerts import alerts
from fourflow.oversight.monitoring.queries.ended import ended
from fourflow.oversight.monitoring.queries.readings import readings
from fourflow.oversight.monitoring.queries.rows import Finding, RowAudit, audit_rows

__all__ = ["Finding", "RowAudit", "alerts", "audit_rows", "ended", "readings"]
