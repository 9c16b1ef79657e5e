"""Who uses the site."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser

from swaps.models.team import Membership, Role, Team


class User(AbstractUser):
    """A person with an account. Teams decide what she sees, her role in them what she may do."""

    def teams(self) -> list[Team]:
        """Her teams, the oldest membership first; whoever has none belongs to the default team."""
        return list(Team.objects.filter(membership__user=self).order_by("membership__pk")) or [
            Team.default()
        ]

    @property
    def team(self) -> Team:
        """The team that her new swaps go to."""
        return self.teams()[0]

    def role_in(self, team: Team) -> Role | None:
        """Her role in *team*; None for a stranger."""
        membership = Membership.objects.filter(user=self, team=team).first()
        if membership is not None:
            return Role(membership.role)
        is_at_home = team.is_default and not Membership.objects.filter(user=self).exists()
        return Role.MEMBER if is_at_home else None
