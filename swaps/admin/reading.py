"""What only the work itself writes: pages and tables that show rows and change none."""

from __future__ import annotations

from django.http import HttpRequest


class ReadOnly:
    """Rows that nobody adds, changes or deletes here."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
