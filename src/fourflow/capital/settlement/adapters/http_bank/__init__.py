"""A bank that speaks ISO 20022 over HTTP; the sandbox banks do (docs/operations/sandbox.md)."""

from fourflow.capital.settlement.adapters.http_bank.client import HttpBank

__all__ = ["HttpBank"]
