"""The API's page in a browser: a token is put into the examples, and stays in the tab."""

from __future__ import annotations

from playwright.sync_api import Page, expect

TOKEN = "fs_pasted-by-somebody-who-reads-these-examples"


def test_a_pasted_token_is_in_what_is_copied_and_stays_in_the_tab(
    page: Page, faults: list[str]
) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data}"))
    page.goto("/api/")
    page.get_by_label("Your token").fill("whsec_of-callbacks")
    expect(page.get_by_text("This is a webhook secret")).to_be_visible()
    page.get_by_label("Your token").fill(f'"Bearer {TOKEN}"')
    page.reload()
    expect(page.get_by_label("Your token")).to_have_value(TOKEN)
    copied = page.locator(".example copy-button")
    assert copied.count() == 9
    assert all(TOKEN in (one.get_attribute("data-text") or "") for one in copied.all())
    page.get_by_text("SDK", exact=True).click()
    expect(page.locator("[data-mode=wait][data-language=sdk]")).to_contain_text(TOKEN)
    expect(page.locator("[data-mode=wait][data-language=curl]")).to_be_hidden()
    assert [one for one in sent if TOKEN in one] == []
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    assert page.evaluate("sessionStorage.length") == 0


def test_a_token_that_was_just_made_is_handed_to_the_examples(
    page: Page, faults: list[str]
) -> None:
    page.goto("/settings/tokens/")
    # It is open already where there are no tokens.
    page.locator("details.new-token").evaluate("one => { one.open = true; }")
    page.get_by_label("Label", exact=True).fill("Handed over")
    # A second click must not ask for a second token, whose answer would be shown instead of this one.
    button = page.get_by_role("button", name="Make the token")
    assert button.evaluate("one => { one.click(); return one.ariaDisabled; }") == "true"
    token = page.locator(".link-once code").first.inner_text()
    secret = page.locator(".link-once code").last.inner_text()
    page.get_by_role("link", name="Use it in the examples").click()
    expect(page.locator("[data-mode=wait][data-language=curl]")).to_contain_text(token)
    expect(page.get_by_text("The examples have “Handed over”.")).to_be_visible()
    expect(page.locator("#callbacks mark")).to_have_text(secret)
    page.get_by_label("Your token").fill("")
    page.get_by_role("button", name=f"Handed over {token[:8]}").click()
    expect(page.get_by_label("Your token")).to_be_focused()
    expect(page.get_by_text(f"Paste the token that begins with {token[:8]}.")).to_be_visible()
