"""Writes of the ledger. Lower and neighbouring modules return entries; the top operation posts once, last."""

from fourflow.capital.ledger.operations.accounts import close_account, reopen_account
from fourflow.capital.ledger.operations.holds import expire_due
from fourflow.capital.ledger.operations.posting import post_many

__all__ = ["close_account", "expire_due", "post_many", "reopen_account"]
