#!/usr/bin/env python3
"""Django's command line; `./run manage …` calls it with the right interpreter."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "faceswap_site.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # A setting that cannot be: the sentence says it all.
        sys.exit(str(error))
