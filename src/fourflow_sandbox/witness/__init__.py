"""A C2SP tlog-witness v1.0.0: it cosigns a log only while the log does not rewrite its past."""
