"""What can be read about the whole: the audit of rows, and the readings that alarms hang on."""

from fourflow.oversight.monitoring.queries.readings import readings
from fourflow.oversight.monitoring.queries.rows import Finding, RowAudit, audit_rows

__all__ = ["Finding", "RowAudit", "audit_rows", "readings"]
