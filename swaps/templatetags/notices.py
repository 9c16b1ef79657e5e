"""Template tag for what is wrong with the site now."""

from django import template

from swaps import health
from swaps.models import ProviderState

register = template.Library()


@register.simple_tag
def site_notices() -> list[str]:
    """What somebody has to do something about."""
    return health.notices()


@register.simple_tag
def provider_pause() -> ProviderState | None:
    """The provider, where it is paused."""
    return health.pause()
