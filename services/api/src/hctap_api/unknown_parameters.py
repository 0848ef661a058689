"""Parameters that no route has: a misspelt filter would else answer with everything."""

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel


def refuse_unknown_parameters(request: Request) -> None:
    """See that a request has no parameter that its route does not take; HC-TAP's own paths take any, as they did.

    Raises:
        RequestValidationError: With the name of each.
    """
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or "old" in route.tags:
        return
    unknown = sorted(set(request.query_params) - _names(route.dependant))
    if unknown:
        raise RequestValidationError(
            [
                {"loc": ("query", name), "type": "extra_forbidden", "msg": "There is no such parameter"}
                for name in unknown
            ]
        )


def _names(dependant: Dependant) -> set[str]:
    names = {name for inner in dependant.dependencies for name in _names(inner)}
    for parameter in dependant.query_params:
        kind = parameter.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            names |= set(kind.model_fields)
        else:
            names.add(parameter.alias)
    return names
