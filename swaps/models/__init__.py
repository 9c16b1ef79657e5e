"""What is kept: people and teams, pictures, swaps and the attempts to make them."""

from swaps.models.attempt import Attempt
from swaps.models.photo import Photo, Upload
from swaps.models.swap import Status, Swap
from swaps.models.team import Membership, Role, Team
from swaps.models.user import User

__all__ = ["Attempt", "Membership", "Photo", "Role", "Status", "Swap", "Team", "Upload", "User"]
