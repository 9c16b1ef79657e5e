"""What is kept: people and teams, pictures, swaps, the attempts to make them, and what was done."""

from swaps.models.api_request import ApiRequest
from swaps.models.api_token import ApiToken
from swaps.models.attempt import Attempt
from swaps.models.callback import Callback, Delivery
from swaps.models.event import SHELL, SITE, By, Event, What
from swaps.models.favourite import Favourite
from swaps.models.invitation import Invitation
from swaps.models.photo import Photo, Upload
from swaps.models.provider_state import ProviderState
from swaps.models.status import Status
from swaps.models.swap import Swap
from swaps.models.team import Membership, Role, Team
from swaps.models.user import User

__all__ = [
    "SHELL",
    "SITE",
    "ApiRequest",
    "ApiToken",
    "Attempt",
    "By",
    "Callback",
    "Delivery",
    "Event",
    "Favourite",
    "Invitation",
    "Membership",
    "Photo",
    "ProviderState",
    "Role",
    "Status",
    "Swap",
    "Team",
    "Upload",
    "User",
    "What",
]
