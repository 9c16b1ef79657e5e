"""The admin's pages: people and teams, the history of swaps, and the record of what was done."""

from swaps.admin import events, history, people, provider, teams, tokens

__all__ = ["events", "history", "people", "provider", "teams", "tokens"]
