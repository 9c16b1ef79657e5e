"""Taking what a program asks for: the swap that it asked for already, or a new one within its token's limits."""

from __future__ import annotations

import logging

from django.db import transaction

from swaps import caps, results, submission, tokens
from swaps.asked import Invalid, SwapRequest
from swaps.http import Forbidden, Private
from swaps.models import ApiRequest, ApiToken, By, Swap

logger = logging.getLogger(__name__)


def check_urls(asked: SwapRequest) -> None:
    """Refuse at once what could never be called; nothing is. Raises Invalid."""
    for name in ("source_image_url", "target_image_url", "callback_url"):
        url = getattr(asked, name)
        try:
            if url:
                results.programs_door().check(url)
        except Private as error:
            raise Invalid(f"{name} cannot be called: {error} {results.TO_BE_NAMED}") from error
        except Forbidden as error:
            raise Invalid(f"{name} cannot be called. {error}") from error


def take(
    asked: SwapRequest, *, token: ApiToken, by: By, origin: str, trace_id: str, key: str = ""
) -> ApiRequest:
    """The task for *asked*: the one that was made for it already, or a new one.

    The same request from the same token, while its swap is in flight, gets that swap: published clients repeat
    themselves. A *key* (the header `Idempotency-Key`) decides alone, for a day.

    Raises asked.Invalid, tokens.OpensNothing, caps.CapReached.
    """
    check_urls(asked)
    with transaction.atomic():
        # The second of two that come at the same moment waits here for the first.
        ApiToken.objects.select_for_update(no_key=True).filter(pk=token.pk).first()
        # A body may take its time to come, and so may one's turn: whoever was let in may not be let in now.
        now = tokens.check_good(ApiToken.objects.of_the_active().filter(pk=token.pk).first())
        tokens.check_may(now, to="swap")
        made = ApiRequest.objects.made_before(token, digest=asked.digest, key=key)
        before = made.order_by("pk").last()
        if before is not None:
            logger.info("step=asked_again task_id=%s trace_id=%s", before.swap_id, before.trace_id)
            return before
        caps.check_token(now)
        swap = submission.request_swap(
            maker=token.user, team=token.team, source=asked.source_image_url,
            target=asked.target_image_url, by=by,
            title=token.label[: Swap.TITLE_LENGTH],
        )  # fmt: skip
        new = ApiRequest.objects.create(
            swap=swap, token=token, token_label=token.label, trace_id=trace_id,
            digest=asked.digest, idempotency_key=key, callback_url=asked.callback_url,
            awaits_outcome=bool(asked.callback_url), is_async=asked.is_async,
            timeout=asked.timeout, origin=origin,
        )  # fmt: skip
    logger.info("step=asked task_id=%s trace_id=%s token=%s", swap.pk, trace_id, token.start)
    return new
