"""The app's entry: its name and its system checks."""

from django.apps import AppConfig


class SwapsConfig(AppConfig):
    name = "swaps"
    verbose_name = "Face swaps"

    def ready(self) -> None:
        # Checks register themselves on import, which has to wait until the models are there.
        from swaps import checks  # noqa: F401, PLC0415
