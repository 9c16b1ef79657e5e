"""Who can do the work: provider names and where their classes are. A class is imported when it is needed."""

from importlib import import_module
from typing import cast

from swaps.providers.base import Provider

PROVIDERS = {
    "acedata": "swaps.providers.acedata.AceDataProvider",
    "local": "swaps.providers.local.LocalProvider",
}


# Those that work on other machines: they answer later, and cost money.
HOSTED = frozenset({"acedata"})


def provider_class(name: str) -> type[Provider]:
    """The provider's class; its constructor takes its configuration as plain values.

    Raises KeyError for a name that is not in PROVIDERS.
    """
    module, _, attribute = PROVIDERS[name].rpartition(".")
    return cast("type[Provider]", getattr(import_module(module), attribute))
