"""Template tag for what is wrong with the site now."""

from django import template

from swaps import health

register = template.Library()


@register.simple_tag
def site_notices() -> list[str]:
    """What somebody has to do something about."""
    return health.notices()
