"""The use cases about people: who is in a team, who is let in, whose password is new. All are recorded."""

from __future__ import annotations

from axes.utils import reset as lift_lock
from django.contrib.auth.tokens import default_token_generator
from django.db import IntegrityError, transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from swaps.models import By, Event, Invitation, Membership, Role, Team, User, What


class NotPossible(Exception):
    """It would leave a team without an owner, or is not this person's to do; str() says so to people."""


class InvitationGone(Exception):
    """The invitation was used, withdrawn or grew too old in the meantime."""


class NameTaken(Exception):
    """Somebody else took the user name a moment ago."""


# --- Who is in a team ----------------------------------------------------------------------------


def of(team: Team) -> list[Membership]:
    """The people of *team*, owners first. In the default team some have a place without a row."""
    found = list(Membership.objects.filter(team=team).select_related("user"))
    if team.is_default:
        placeless = User.objects.filter(membership=None, is_active=True)
        found += [Membership(user=user, team=team, role=Role.MEMBER) for user in placeless]
    order = list(Role)
    return sorted(found, key=lambda one: (order.index(Role(one.role)), one.user.username.lower()))


def only_owner(team: Team) -> User | None:
    """The one without whom *team* would have nobody left who manages it."""
    owners = Membership.objects.filter(team=team, role=Role.OWNER, user__is_active=True)
    found = [place.user for place in owners.select_related("user")[:2]]
    return found[0] if len(found) == 1 else None


def change_role(team: Team, person: User, role: str, *, by: By) -> None:
    """Give *person* another role in *team*. Raises NotPossible for its last owner."""
    with transaction.atomic():
        place = _locked_place(team, person)
        if place.role == role:
            return
        if person == only_owner(team):
            raise NotPossible(f"{team} needs an owner. Make somebody else an owner first.")
        before, place.role = place.role, role
        place.save()
        Event.record(
            What.ROLE_CHANGED, by=by, person=person, team=team.slug, role=role, before=before
        )


def take_out(team: Team, person: User, *, by: By) -> bool:
    """Take *person* out of *team*; her swaps stay with it. True where her account went off with it.

    Whoever is in no team would be in the default one: so with her last place her account goes off,
    and she is logged out. Raises NotPossible for the last owner, oneself, and an admin.
    """
    if person == by.user:
        raise NotPossible("You cannot take yourself out. Ask another owner to do it.")
    if person.is_superuser and not (by.user and by.user.is_superuser):
        raise NotPossible(f"{person} is an admin. Only an admin can take her out.")
    with transaction.atomic():
        place = _locked_place(team, person)
        if person == only_owner(team):
            raise NotPossible(f"{team} needs an owner. Make somebody else an owner first.")
        if place.pk:
            place.delete()
        goes_off = not Membership.objects.filter(user=person).exists()
        if goes_off:
            person.is_active = False
            person.save(update_fields=["is_active"])
        Event.record(What.LEFT, by=by, person=person, team=team.slug, account_off=goes_off)
    return goes_off


def make_team(team: Team, *, by: By) -> None:
    """Keep a new team. It is empty: whoever made it invites its first owner."""
    with transaction.atomic():
        team.save()
        Event.record(What.TEAM_MADE, by=by, team=team.slug)


def set_caps(person: User, *, by: By) -> None:
    """Keep *person*'s limits as they now stand in her row's object."""
    with transaction.atomic():
        person.save(update_fields=["swaps_a_day", "swaps_at_once"])
        Event.record(
            What.ACCOUNT_CHANGED, by=by, person=person,
            swaps_a_day=person.swaps_a_day, swaps_at_once=person.swaps_at_once,
        )  # fmt: skip


def _locked_place(team: Team, person: User) -> Membership:
    """Her place in *team*, which nobody else changes until the transaction ends.

    Raises NotPossible where somebody else took her out a moment ago.
    """
    # The team's row stands for all its places: two owners cannot take each other out at once.
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    place = Membership.objects.filter(team=team, user=person).first()
    if place is not None:
        return place
    if not team.is_default or Membership.objects.filter(user=person).exists():
        raise NotPossible(f"{person} is not in {team} any more.")
    return Membership(user=person, team=team, role=Role.MEMBER)


# --- Who is let in -------------------------------------------------------------------------------


def invite(team: Team, *, role: str, note: str, by: By) -> str:
    """The token of a new link into *team*, which is shown once."""
    if by.user is None:
        raise NotPossible("Only a person can invite somebody.")
    with transaction.atomic():
        made, token = Invitation.make(team=team, role=role, invited_by=by.user, note=note)
        Event.record(What.INVITED, by=by, team=team.slug, role=role, note=note, invitation=made.pk)
    return token


def withdraw(invitation: Invitation, *, by: By) -> bool:
    """The link opens no more: True where it did until now."""
    with transaction.atomic():
        won = invitation.withdraw()
        if won:
            Event.record(
                What.INVITATION_WITHDRAWN, by=by,
                team=invitation.team.slug, invitation=invitation.pk,
            )  # fmt: skip
    return won


def join_anew(invitation: Invitation, newcomer: User, *, by: By) -> None:
    """An account for *newcomer*, who is not stored yet, with a place in the team: both or neither.

    Raises InvitationGone where somebody else was faster, and NameTaken.
    """
    with transaction.atomic():
        try:
            with transaction.atomic():
                newcomer.save()
        except IntegrityError as error:
            raise NameTaken from error
        Event.record(What.ACCOUNT_MADE, by=by, person=newcomer, team=invitation.team.slug)
        _let_in(invitation, newcomer, by=by)


def join(invitation: Invitation, person: User, *, by: By) -> None:
    """One more team for *person*. Raises InvitationGone where somebody else was faster."""
    with transaction.atomic():
        # Without any row she is in the default team; her first row would end that.
        if not Membership.objects.filter(user=person).exists():
            Membership.objects.create(user=person, team=Team.default())
        _let_in(invitation, person, by=by)


def _let_in(invitation: Invitation, person: User, *, by: By) -> None:
    if not invitation.use(person):
        raise InvitationGone
    place = {"user": person, "team": invitation.team}
    Membership.objects.get_or_create(**place, defaults={"role": invitation.role})
    Event.record(
        What.JOINED, by=by, person=person,
        team=invitation.team.slug, role=invitation.role, invitation=invitation.pk,
    )  # fmt: skip


# --- Log-ins and passwords -----------------------------------------------------------------------


def logged_in(person: User, *, by: By) -> None:
    Event.record(What.LOGGED_IN, by=By(person, by.address, by.via), person=person)


def logged_out(*, by: By) -> None:
    Event.record(What.LOGGED_OUT, by=by, person=by.user)


def log_in_failed(name: str, *, by: By) -> None:
    """Somebody tried *name*. It is noted only where it is one: people type passwords there, too."""
    person = User.objects.filter(username=name).first()
    Event.record(What.LOG_IN_FAILED, by=by, person=person)


def password_link(person: User, *, by: By) -> tuple[str, str]:
    """The two parts of an address where *person* can choose a new password, once."""
    Event.record(What.PASSWORD_LINK, by=by, person=person)
    return urlsafe_base64_encode(force_bytes(person.pk)), default_token_generator.make_token(person)


def password_changed(person: User, *, by: By, by_link: bool = False) -> None:
    """*person* has a new password: what she mistyped of the old one locks her out no longer."""
    Event.record(What.PASSWORD_CHANGED, by=by, person=person, by_link=by_link)
    lift_lock(username=person.get_username())
