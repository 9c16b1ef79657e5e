"""Teams: the people who see each other's swaps."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Role(models.TextChoices):
    """What a person may do in a team: manage everybody's swaps, make and manage her own, or look."""

    OWNER = "owner", "Owner"
    MEMBER = "member", "Member"
    VIEWER = "viewer", "Viewer"

    @property
    def phrase(self) -> str:
        """As it stands in a sentence: `an owner`, `a member`."""
        return f"{'an' if self is Role.OWNER else 'a'} {self.label.lower()}"


class Team(models.Model):
    """People who share a gallery."""

    DEFAULT_SLUG = "default"

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def default(cls) -> Team:
        """The team of everybody who was put in no other; it makes itself."""
        return cls.objects.get_or_create(slug=cls.DEFAULT_SLUG, defaults={"name": "Everyone"})[0]

    @property
    def is_default(self) -> bool:
        return self.slug == self.DEFAULT_SLUG


class Membership(models.Model):
    """A person's place in a team."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    team = models.ForeignKey(Team, on_delete=models.CASCADE)
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "team"], name="one_membership_a_team"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}: {self.role}"

    @classmethod
    def role_of(cls, person: int, team: Team) -> Role | None:
        """What User.role_in says, of the person with that id and in one small query, for what is asked often."""
        roles = dict(cls.objects.filter(user=person).values_list("team", "role"))
        if not roles:
            return Role.MEMBER if team.is_default else None
        return Role(roles[team.pk]) if team.pk in roles else None
