"""A link that answers nobody, and the only worker there is."""

from __future__ import annotations

import socket
from pathlib import Path
from threading import Event

from tests.http.peers import peer
from tests.portraits import portraits
from tests.running import Browser, running_site, wait_for


def test_a_slow_link_holds_up_no_swap_but_its_own(tmp_path: Path) -> None:
    asked, let_go = Event(), Event()

    def wait(connection: socket.socket, head: bytes) -> None:
        asked.set()
        let_go.wait(60)

    source, target, *_ = portraits(tmp_path)
    with peer(wait) as slow, running_site(tmp_path, LINKS_ALLOW=slow.address) as site:
        browser = Browser(site)
        link = slow.url("/face.jpg")
        form = {"source_url": link, "target_url": link, "consent": "on", **browser.token("/new/")}
        page = browser.session.post(f"{site.url}/new/", data=form, timeout=30).url
        wait_for(asked.is_set, what="the link to be asked for")
        seconds, status = browser.swap(browser.upload(source), browser.upload(target))
        assert status == "succeeded"
        assert seconds < 30
        waiting = browser.session.get(page.rstrip("/") + ".json", timeout=30).json()
        assert waiting["status"] == "queued"
        let_go.set()
        json = page.rstrip("/") + ".json"
        wait_for(lambda: browser.session.get(json, timeout=30).json()["status"] == "failed")
