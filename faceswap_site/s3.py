"""Pictures in an S3 bucket: the storages of it, from the environment. docs/configuration.md has the variables."""

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from faceswap_site import env

BUCKET = env.text("S3_BUCKET")
ENDPOINT_URL = env.origin("S3_ENDPOINT_URL")
PUBLIC_ENDPOINT_URL = env.origin("S3_PUBLIC_ENDPOINT_URL", ENDPOINT_URL)
REGION = env.text("S3_REGION", "us-east-1")
# How long the address of a picture is good that a browser is given.
URL_EXPIRES = env.number("S3_URL_EXPIRES", 3600, least=60, most=7 * 24 * 3600)
PUBLIC_BUCKET = env.flag("S3_PUBLIC_BUCKET")

KEY_ID = env.text("AWS_ACCESS_KEY_ID")
KEY = env.secret("AWS_SECRET_ACCESS_KEY")
if bool(KEY_ID) != bool(KEY):
    raise ImproperlyConfigured(
        "Of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only one is set. Set both, or neither where "
        "the machine itself has the right to use the bucket."
    )
if PUBLIC_ENDPOINT_URL and not ENDPOINT_URL:
    raise ImproperlyConfigured(
        "S3_PUBLIC_ENDPOINT_URL is set without S3_ENDPOINT_URL. Set S3_ENDPOINT_URL, too: "
        "it is the address by which the site itself reaches the storage."
    )


def public_origin() -> str:
    """Where outsiders and browsers reach the bucket."""
    parts = urlsplit(PUBLIC_ENDPOINT_URL or _amazons())
    return f"{parts.scheme}://{parts.netloc}"


def storages() -> dict[str, dict[str, Any]]:
    """The bucket by two names: as the site reaches it, and as outsiders do.

    A signature holds the host that is asked, so what is signed for one address is no good at the other.
    """
    return {"default": _storage(ENDPOINT_URL), "outside": _storage(PUBLIC_ENDPOINT_URL)}


def _amazons() -> str:
    # Not left to the library: for us-east-1 it signs addresses at s3.amazonaws.com, which no page may show.
    domain = "amazonaws.com.cn" if REGION.startswith("cn-") else "amazonaws.com"
    return f"https://s3.{REGION}.{domain}"


def _storage(endpoint: str) -> dict[str, Any]:
    options = {
        "bucket_name": BUCKET,
        "endpoint_url": endpoint or _amazons(),
        "region_name": REGION,
        "access_key": KEY_ID or None,
        "secret_key": KEY or None,
        "querystring_auth": not PUBLIC_BUCKET,
    }
    return {"BACKEND": "swaps.storage_s3.PictureStorage", "OPTIONS": options}
