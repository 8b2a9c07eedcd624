"""What an address may ask: the parameters that its route declares. An unknown filter would silently show everything."""

from __future__ import annotations

import re
from functools import cache

from django.http import HttpRequest
from django.urls import Resolver404, resolve

from fourflow.platform.errors import Invalid

#: every answer with references may bring them along; the route's answer says which
EVERYWHERE = frozenset({"expand", "expand[]"})


class ParameterUnknown(Invalid):
    """The route declares no such query parameter."""

    code = "input.unknown_parameter"


@cache
def declared() -> dict[tuple[str, str], frozenset[str]]:
    """(route, method) → the names of its query parameters."""
    from fourflow.interfaces.api.api import api

    found = {}
    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            for operation in view.operations:
                names = {
                    name
                    for model in operation.models
                    if getattr(model, "__ninja_param_source__", "") == "query"
                    for name in getattr(model, "__ninja_flatten_map__", {})
                }
                route = re.sub(r"{(\w+)}", r"<\1>", path.lstrip("/"))
                for method in operation.methods:
                    found[route, method] = frozenset(names) | EVERYWHERE
    return found


def unknown(request: HttpRequest) -> ParameterUnknown | None:
    """The refusal of a name in the query that the route does not declare; None where all is well."""
    if not request.GET:
        return None
    try:
        route = resolve(request.path_info).route.partition("/")[2]
    except Resolver404:
        return None
    known = declared().get((route, str(request.method)))
    strange = [] if known is None else [name for name in request.GET if name not in known]
    return ParameterUnknown(parameter=strange[0][:40], expected=sorted(known or ())) if strange else None
