"""The door for the web server: Django's application, behind proxies that are named in TRUSTED_PROXIES."""

import gc
import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faceswap_site.settings")
# A few threads serve everybody: none of them waits long for a database that is locked or away.
os.environ.setdefault("DATABASE_WAIT_SECONDS", "5")
django_application = get_wsgi_application()

from django.conf import settings  # noqa: E402 (settings exist from here on)

# What is here by now stays as long as the process: Python's collector need not look through it again and again,
# which takes 60 ms in which nobody is answered. The pages, else imported by whoever asks first, belong to it.
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()

application = (
    wrap_wsgi_with_proxy_headers(django_application, trusted_hosts=settings.TRUSTED_PROXIES)
    if settings.TRUSTED_PROXIES
    else django_application
)
