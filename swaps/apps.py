"""The app's entry: its name and its system checks; and the admin's, for the sake of our own site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class SwapsConfig(AppConfig):
    name = "swaps"
    verbose_name = "Face swaps"

    def ready(self) -> None:
        # Checks register themselves on import, which has to wait until the models are there.
        from swaps import checks  # noqa: F401, PLC0415


class SiteAdminConfig(AdminConfig):
    default_site = "swaps.admin_site.SwapsAdminSite"
