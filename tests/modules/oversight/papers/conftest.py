"""The financing desk's company: its vouchers, transfers and financings are what papers are about."""

from tests.modules.capital.financing.conftest import desk, founded

__all__ = ["desk", "founded"]
