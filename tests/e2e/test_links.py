"""Pictures by link in a real browser: pasted, dropped, typed, exchanged, kept; fetched, or failed."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.test_accessibility import TOO_SMALL, complaints
from tests.e2e.test_whole_way import expect_state, field
from tests.http.peers import Peer, ok, peer
from tests.portraits import portraits
from tests.running import Site, running_site
from tests.samples import PASSWORD

KeepLooks = Callable[[str], None]
pytestmark = pytest.mark.usefixtures("faults")


class Elsewhere:
    """Another site: a Face and a Photo, one that is slow until it is let go, and nothing else."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.let_go = Event()
        self.peer: Peer

    def answer(self, connection: socket.socket, head: bytes) -> None:
        name = head.split()[1].decode().removeprefix("/")
        if name.startswith("slow-"):
            self.let_go.wait(30)
        data = self.files.get(name.removeprefix("slow-"))
        missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        connection.sendall(missing if data is None else ok(data))

    def link(self, name: str) -> str:
        return self.peer.url(f"/{name}")


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    face, photo, *_ = portraits(tmp_path_factory.mktemp("elsewhere"))
    there = Elsewhere({"face.jpg": face.read_bytes(), "photo.jpg": photo.read_bytes()})
    with peer(there.answer) as there.peer:
        yield there


@pytest.fixture(scope="module")
def linked_site(elsewhere: Elsewhere, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("linked")
    with running_site(folder, LINKS_ALLOW=elsewhere.peer.address) as site:
        yield site


@pytest.fixture(scope="module")
def ada(linked_site: Site, browser: Browser) -> Any:
    """What a browser remembers in which she is logged in."""
    context = browser.new_context(base_url=linked_site.url)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("/")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def page(linked_site: Site, browser: Browser, ada: Any, elsewhere: Elsewhere) -> Iterator[Page]:
    elsewhere.let_go.clear()
    context = browser.new_context(
        base_url=linked_site.url, storage_state=ada, viewport={"width": 1440, "height": 900}
    )
    page = context.new_page()
    page.goto("/new/")
    yield page
    elsewhere.let_go.set()
    context.close()


def paste(page: Page, text: str) -> None:
    page.evaluate(
        """(text) => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }""",
        text,
    )


def drop(page: Page, role: str, **data: str) -> None:
    page.locator(field(role)).evaluate(
        """(field, given) => {
          const data = new DataTransfer();
          for (const [type, text] of Object.entries(given)) data.setData(type, text);
          for (const name of ["dragover", "drop"])
            field.dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        {name.replace("_", "/").replace("uri", "uri-list"): text for name, text in data.items()},
    )


def said(page: Page, role: str) -> Any:
    return page.locator(f"{field(role)} .said")


def give(page: Page, role: str, link: str) -> None:
    page.locator(f"{field(role)} summary").click()
    page.locator(f"#{role}-url").fill(link)
    page.locator(f"#{role}-url").press("Enter")


def send(page: Page) -> None:
    page.get_by_label("I may use").check()
    page.get_by_role("button", name="Swap", exact=True).click()
    page.wait_for_url("**/swaps/*/")


def expect_ended(page: Page, status: str) -> None:
    expect(page.locator(f"#stage[data-status={status}]")).to_be_visible(timeout=120_000)


def test_from_two_pasted_links_to_before_and_after(
    page: Page, elsewhere: Elsewhere, keep_looks: KeepLooks
) -> None:
    paste(page, elsewhere.link("face.jpg"))
    expect(said(page, "source")).to_have_text("Will be fetched from 127.0.0.1")
    paste(page, elsewhere.link("photo.jpg"))
    for role in ("source", "target"):
        expect_state(page, role, "ready")
    keep_looks("links-ready")
    send(page)
    expect_ended(page, "succeeded")
    expect(page.locator("before-after")).to_be_visible()


def test_a_link_is_typed_where_the_field_offers_it(
    page: Page, elsewhere: Elsewhere, keep_looks: KeepLooks
) -> None:
    page.locator(f"{field('target')} summary").click()
    keep_looks("links-open")
    page.locator("#target-url").fill(elsewhere.link("photo.jpg"))
    page.locator("#target-url").press("Enter")
    expect_state(page, "target", "ready")
    expect(page.locator("#why")).to_have_text("Choose a Face.")


def test_what_is_no_link_gets_its_sentence_in_the_field(page: Page, keep_looks: KeepLooks) -> None:
    give(page, "target", "ftp://example.org/photo.jpg")
    expect(page.locator("#target-problem")).to_have_text(
        "The Photo cannot be fetched from this link. This is no address of the web: "
        "it must begin with http:// or https:// and name a host."
    )
    expect(page.locator("#target-url")).to_have_attribute("aria-invalid", "true")
    keep_looks("links-problem")
    assert complaints(page) == []
    page.locator("#target-url").fill("https://example.org/photo.jpg")
    page.locator("#target-url").press("Enter")
    expect_state(page, "target", "ready")
    expect(page.locator("#target-problem")).to_be_hidden()


def test_what_only_the_site_refuses_comes_back_with_what_was_typed(
    page: Page, elsewhere: Elsewhere, keep_looks: KeepLooks, faults: list[str]
) -> None:
    paste(page, elsewhere.link("face.jpg"))
    paste(page, "http://10.1.2.3/photo.jpg")
    page.get_by_label("I may use").check()
    page.get_by_role("button", name="Swap", exact=True).click()
    expect(page.locator("#target-problem")).to_contain_text("10.1.2.3 is a private address")
    expect(page.locator("#target-url")).to_have_value("http://10.1.2.3/photo.jpg")
    expect_state(page, "source", "ready")
    keep_looks("links-refused")
    faults[:] = [one for one in faults if "400" not in one]


def test_a_picture_dragged_from_another_page_brings_its_own_link(
    page: Page, elsewhere: Elsewhere
) -> None:
    picture = elsewhere.link("photo.jpg")
    html = f'<a href="https://example.org/post"><img src="{picture}"></a>'
    drop(page, "target", text_uri="https://example.org/post", text_html=html)
    expect(page.locator("#target-url")).to_have_value(picture)
    drop(page, "source", text_uri=elsewhere.link("face.jpg"))
    expect(page.locator("#source-url")).to_have_value(elsewhere.link("face.jpg"))


def test_text_that_is_no_link_is_left_alone(page: Page) -> None:
    paste(page, "Some words with https://example.org/ in them, and more")
    page.get_by_label("Title").focus()
    page.get_by_label("Title").evaluate(
        """(title) => {
          const data = new DataTransfer();
          data.setData("text/plain", "https://example.org/");
          title.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }"""
    )
    for role in ("source", "target"):
        expect_state(page, role, "empty")


def test_links_are_exchanged_kept_and_replaced(page: Page, elsewhere: Elsewhere) -> None:
    face, photo = elsewhere.link("face.jpg"), elsewhere.link("photo.jpg")
    paste(page, f"{face}\n{photo}")
    page.get_by_role("button", name="Exchange").click()
    for _ in ("as it is", "after a reload"):
        expect(page.locator("#source-url")).to_have_value(photo)
        expect(page.locator("#target-url")).to_have_value(face)
        expect(said(page, "source")).to_have_text("Will be fetched from 127.0.0.1")
        page.reload()
    with page.expect_file_chooser() as chooser:
        page.locator(field("source")).get_by_role("button", name="Replace").click()
    image = {"name": "own.jpg", "mimeType": "image/jpeg", "buffer": elsewhere.files["face.jpg"]}
    chooser.value.set_files(image)  # type: ignore[arg-type]
    expect(said(page, "source")).to_contain_text("Ready")
    # What was chosen last is all that is sent.
    expect(page.locator("#source-url")).to_have_value("")
    page.locator(field("target")).get_by_text("Change the link").click()
    page.locator("#target-url").fill("")
    page.locator("#target-url").blur()
    expect_state(page, "target", "empty")


def test_while_a_picture_is_fetched_the_page_says_so_and_nothing_is_broken(
    page: Page, elsewhere: Elsewhere, keep_looks: KeepLooks
) -> None:
    paste(page, f"{elsewhere.link('face.jpg')}\n{elsewhere.link('slow-photo.jpg')}")
    send(page)
    because = page.get_by_text("The pictures are being fetched from their links.")
    expect(because).to_be_visible()
    keep_looks("links-fetching")
    assert complaints(page) == []
    address = page.url
    page.goto("/")
    expect(page.locator(".badge").first).to_be_visible()
    keep_looks("links-fetching-gallery")
    page.goto(address)
    elsewhere.let_go.set()
    expect_ended(page, "succeeded")


def test_a_link_that_brings_nothing_ends_with_a_sentence_and_a_way_on(
    page: Page, elsewhere: Elsewhere, keep_looks: KeepLooks
) -> None:
    paste(page, f"{elsewhere.link('face.jpg')}\n{elsewhere.link('later.jpg')}")
    send(page)
    expect_ended(page, "failed")
    expect(page.get_by_role("alert")).to_contain_text(
        "The Photo could not be fetched from its link. Its address answered with status 404. "
        "Check the link, or choose the picture as a file."
    )
    expect(page.get_by_role("link", name="Another Face")).to_have_count(0)
    keep_looks("links-failed")
    assert complaints(page) == []
    address = page.url
    page.goto("/")
    keep_looks("links-failed-gallery")
    page.goto(address)
    page.get_by_role("link", name="Another Photo").click()
    expect(said(page, "source")).to_contain_text("Ready")
    page.goto(address)
    elsewhere.files["later.jpg"] = elsewhere.files["photo.jpg"]
    page.get_by_role("button", name="Try again").click()
    expect_ended(page, "succeeded")


def test_without_javascript_a_link_is_given_as_well(
    browser: Browser, linked_site: Site, ada: Any, elsewhere: Elsewhere, keep_looks: KeepLooks
) -> None:
    context = browser.new_context(
        base_url=linked_site.url, storage_state=ada, java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/new/")
    for role, name in (("source", "face.jpg"), ("target", "photo.jpg")):
        page.locator(f"{field(role)} summary").click()
        page.locator(f"#{role}-url").fill(elsewhere.link(name))
    page.get_by_label("I may use").check()
    page.get_by_role("button", name="Swap", exact=True).click()
    expect(page.get_by_role("link", name="Download")).to_be_visible(timeout=120_000)
    page.goto(f"/new/?target_url={elsewhere.link('photo.jpg')}")
    expect(page.get_by_label("Link to the Photo")).to_have_value(re.compile("photo.jpg"))
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_way_by_link_is_open_to_everybody(
    browser: Browser, linked_site: Site, ada: Any, elsewhere: Elsewhere, scheme: Any
) -> None:
    context = browser.new_context(
        base_url=linked_site.url, storage_state=ada, color_scheme=scheme,
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True,
    )  # fmt: skip
    page = context.new_page()
    page.goto(f"/new/?source_url={elsewhere.link('face.jpg')}")
    page.locator(f"{field('target')} summary").tap()
    assert complaints(page) == []
    assert page.evaluate(TOO_SMALL) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
