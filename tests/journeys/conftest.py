"""Browser journeys use the site and the browser of the page tests."""

from tests.interfaces.web.conftest import assets, browser, company_site, enter, visit

__all__ = ["assets", "browser", "company_site", "enter", "visit"]
