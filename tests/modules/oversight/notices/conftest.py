"""The financing desk's company: what happens to it is what people are told of."""

from tests.modules.capital.financing.conftest import desk, founded

__all__ = ["desk", "founded"]
