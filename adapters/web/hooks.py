"""Outgoing webhooks: who is told of what, and whether it arrived."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.web.directory import people
from adapters.web.giving import Given, Giving, begun, give
from adapters.web.pages import Page, Signed, back_to, page

router = APIRouter(prefix="/webhooks", route_class=Page, include_in_schema=False)
ROWS = 50
NEW = Giving("/webhooks", "/webhooks", "webhooks")


@router.get("")
async def webhooks(request: Request, v: Signed) -> Response:
    """All of them."""
    found = await v.api.get("/webhooks")
    return page(request, "webhooks.html", items=found["items"], names=await people(v))


@router.get("/new")
async def begin(request: Request, v: Signed) -> Response:  # noqa: ARG001  only who is signed in
    """The form of a new one."""
    return _form_page(request, Given(begun(request, NEW)))


@router.post("/new")
async def register(request: Request, v: Signed) -> Response:
    """Register it; its secret is shown this once."""
    given = await give(request, v, NEW)
    if given.answer is None:
        return _form_page(request, given)
    return page(request, "webhook_made.html", made=given.answer)


@router.get("/{item}")
async def webhook(request: Request, item: str, v: Signed) -> Response:
    """One, with what was sent to it."""
    found = await v.api.get(f"/webhooks/{item}")
    sent = await v.api.get(f"/webhooks/{item}/deliveries", limit=ROWS, after=request.query_params.get("after"))
    return page(request, "webhook.html", item=found, deliveries=sent["items"], more=sent["next"], names=await people(v))


@router.post("/{item}/enabling")
async def enable(item: str, v: Signed) -> Response:
    """Send to it again."""
    await v.api.post(f"/webhooks/{item}/enabling")
    return back_to(f"/webhooks/{item}")


@router.post("/{item}/removal")
async def remove(item: str, v: Signed) -> Response:
    """Send nothing to it any more."""
    await v.api.delete(f"/webhooks/{item}")
    return back_to("/webhooks")


@router.post("/{item}/deliveries/{position}/redelivery")
async def redeliver(item: str, position: int, v: Signed) -> Response:
    """Send a message once more."""
    await v.api.post(f"/webhooks/{item}/deliveries/{position}/redelivery")
    return back_to(f"/webhooks/{item}")


def _form_page(request: Request, given: Given) -> Response:
    context = {"given": given, "back": "/webhooks", "subject": "", "suggested": {}}
    return page(request, "command.html", status=given.status, **context)
