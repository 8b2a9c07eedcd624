"""/dev/components: every component with invented data, in the sandbox only. The screenshot and axe tests cover it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from fourflow.interfaces.web.components import gallery_data as data
from fourflow.interfaces.web.components.shell import Shell, visible_menu

TODAY = date(2014, 6, 30)
NOW = datetime(2014, 6, 30, 8, 5, tzinfo=UTC)


def gallery(request: HttpRequest) -> HttpResponse:
    """All components on one page. :raises Http404: this is not a sandbox."""
    if not getattr(settings, "SANDBOX", False):
        raise Http404
    request.shell = Shell(  # type: ignore[attr-defined]
        organisation="Global Health Programme",
        role=_("Core enterprise"),
        person="Amara Okafor",
        menu=visible_menu(data.menu(), {"all"}, "/vouchers"),
    )
    request.business_date = TODAY  # type: ignore[attr-defined]
    query = dict(request.GET.lists())
    context: dict[str, Any] = {
        "kpis": data.kpis(),
        "listing": data.listing(request.path, query, TODAY),
        "empty_listing": data.empty_listing(request.path),
        "tree": data.tree(),
        "bar": data.three_parts(),
        "limit": data.limit(),
        "ladder": data.ladder(),
        "ageing": data.ageing(),
        "timeline": data.timeline(),
        "receipts": data.receipts(),
        "banners": data.banners(),
        "empties": data.empties(),
        "decision": data.decision(),
        "facts": data.facts(),
        "chart": data.chart(),
        "states": data.states(),
        "money": data.usd(7_396_865_902),
        "steps": [_("File"), _("Dry run"), _("Check"), _("Done")],
        "now": NOW,
        "today": TODAY,
        "rate": Decimal("0.0395"),
    }
    return render(request, "web/pages/components.html", context)
