"""Who uses the site."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.functional import cached_property

from swaps.models.team import Membership, Role, Team

MAKERS = (Role.OWNER, Role.MEMBER)


class User(AbstractUser):
    """A person with an account. Teams decide what she sees, her role in them what she may do."""

    # None: as the site has it (SWAPS_A_DAY, SWAPS_AT_ONCE); 0: without a limit.
    swaps_a_day = models.PositiveIntegerField("swaps a day", null=True, blank=True)
    swaps_at_once = models.PositiveIntegerField("swaps at once", null=True, blank=True)

    @cached_property
    def memberships(self) -> list[Membership]:
        """Her places in teams, the oldest first; whoever has none is a member of the default team."""
        found = Membership.objects.filter(user=self).select_related("team").order_by("pk")
        return list(found) or [Membership(user=self, team=Team.default(), role=Role.MEMBER)]

    def teams(self) -> list[Team]:
        """Her teams, the oldest membership first."""
        return [membership.team for membership in self.memberships]

    def owned_teams(self) -> list[Team]:
        """The teams whose people and swaps she manages."""
        return [membership.team for membership in self.memberships if membership.role == Role.OWNER]

    @property
    def team(self) -> Team:
        """The team that her new swaps go to: the first in which she may make any."""
        makes = [one.team for one in self.memberships if one.role in MAKERS]
        return (makes or self.teams())[0]

    @property
    def may_make(self) -> bool:
        """True where she may make swaps, and not only look at them."""
        return any(membership.role in MAKERS for membership in self.memberships)

    def role_in(self, team: Team) -> Role | None:
        """Her role in *team*; None for a stranger."""
        roles = (Role(one.role) for one in self.memberships if one.team == team)
        return next(roles, None)
