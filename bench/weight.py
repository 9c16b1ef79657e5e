"""What a browser loads of CSS and JavaScript for each page, as it comes over the wire (gzip).

    ./run bench weight

On a site of its own, with one swap. Modules are followed through their imports. Limit: 45 KB a page.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests

from tests.portraits import portraits
from tests.running import Browser, running_site

LIMIT = 45 * 1024
LOADED = re.compile(r'<(?:link rel="stylesheet" href|script[^>]* src)="([^"]+)"')
IMPORTED = re.compile(r'(?:import|from)\s*["\'](\.[^"\']+)["\']')


def weights(session: requests.Session, page: str) -> dict[str, int]:
    """Gzipped bytes of everything that the page loads, by its path."""
    html = session.get(page, timeout=30).text
    waiting = [urljoin(page, address) for address in LOADED.findall(html)]
    found: dict[str, int] = {}
    while waiting:
        address = waiting.pop()
        path = urlsplit(address).path
        if path in found:
            continue
        answer = session.get(address, headers={"Accept-Encoding": "gzip"}, stream=True, timeout=30)
        answer.raise_for_status()
        found[path] = len(answer.raw.read(decode_content=False))
        if path.endswith(".js"):
            source = session.get(address, timeout=30).text
            waiting += [urljoin(address, name) for name in IMPORTED.findall(source)]
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder)) as site:
        browser = Browser(site)
        source, target = (browser.upload(file) for file in portraits(Path(folder))[:2])
        browser.swap(source, target)
        swap = re.findall(r'href="(/swaps/[^"?]+)', browser.session.get(site.url, timeout=30).text)
        pages = {
            "gallery": "/", "new swap": "/new/", "a swap": swap[0], "trash": "/trash/",
            "team": "/team/", "change password": "/accounts/password/",
        }  # fmt: skip
        worst = 0
        print(f"{'page':16} {'files':>6} {'CSS':>9} {'JavaScript':>11} {'together':>9}")
        for name, path in pages.items():
            found = weights(browser.session, site.url + path)
            css = sum(size for file, size in found.items() if file.endswith(".css"))
            total = sum(found.values())
            worst = max(worst, total)
            print(
                f"{name:16} {len(found):6} {css / 1024:6.1f} KB {(total - css) / 1024:8.1f} KB "
                f"{total / 1024:6.1f} KB"
            )
    print(f"Heaviest page: {worst / 1024:.1f} KB (limit {LIMIT / 1024:.0f} KB)")
    sys.exit(worst > LIMIT)


if __name__ == "__main__":
    main()
