"""The router's pages in a browser: nothing is said to the console, nothing sticks out, nobody else is asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chromium import Chromium, Pages
from page_cases import HERE, all_pages, hostile_pages
from programs import program

from policy_ir.router.pages import CONTENT_SECURITY_POLICY, Form, try_page

TEXTS = all_pages() | hostile_pages()
TYPED = 'policy {\n\tfilter "é" <&> </textarea>\n}'
TEXTS["/typed"] = try_page(Form(policy="\n" + TYPED, message="two\nlines", facts="{}", seed="7"), visit=HERE)

# Text by text: the least contrast that it has with what is behind it, blended from the ground up.
CONTRAST = """
(() => {
  const parsed = (text) => {
    const found = text.match(/[\\d.]+/g);
    return found ? [...found.slice(0, 3).map(Number), found.length > 3 ? Number(found[3]) : 1] : [0, 0, 0, 0];
  };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const light = (c) => {
    const [r, g, b] = c.map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.unshift(parsed(getComputedStyle(at).backgroundColor));
    return layers.reduce((under, top) => over(top, under), [255, 255, 255, 1]);
  };
  const poor = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim(), element = walk.currentNode.parentElement;
    if (!text || ["SCRIPT", "STYLE", "OPTION", "TITLE", "title"].includes(element.tagName)) continue;
    if (!element.checkVisibility || !element.checkVisibility({ visibilityProperty: true })) continue;
    const style = getComputedStyle(element);
    const behind = ground(element);
    const colour = over(parsed(element.closest("svg") ? style.fill : style.color), behind);
    const [a, b] = [light(colour), light(behind)].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if ((a + 0.05) / (b + 0.05) < least) poor.push([text.slice(0, 40), ((a + 0.05) / (b + 0.05)).toFixed(2)]);
  }
  return poor;
})()
"""

NAMELESS = """
[...document.querySelectorAll("input, select, textarea, button, a")].filter((element) =>
  element.type !== "hidden" && !(element.labels && element.labels.length) && !element.textContent.trim()
).map((element) => element.outerHTML)
"""

STICKING_OUT = """
document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
  [...document.querySelectorAll("body *")].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width && box.right > document.documentElement.clientWidth + 0.5 && !element.closest(".scroll, pre, svg");
  }).map((element) => element.outerHTML.slice(0, 120)).slice(0, 5)
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    made = Chromium(program("chromium"), tmp_path_factory.mktemp("profile"))
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with Pages(TEXTS, CONTENT_SECURITY_POLICY).served() as made:
        yield made


@pytest.mark.parametrize("path", TEXTS)
def test_a_page_fits_any_width_and_asks_nobody(browser: Chromium, pages: Pages, path: str) -> None:
    browser.look(1280)
    browser.visit(pages.url + path)
    for width in (1280, 720, 320):
        browser.look(width)
        assert browser.value(STICKING_OUT) == [], width
        assert browser.value("document.documentElement.scrollWidth") <= width
    assert [url for url in browser.requests if not url.startswith((pages.url, "data:"))] == []
    assert browser.complaints == []


@pytest.mark.parametrize("path", TEXTS)
def test_every_text_can_be_read_in_light_and_dark(browser: Chromium, pages: Pages, path: str) -> None:
    browser.look(1280)
    browser.visit(pages.url + path)
    browser.value("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    for width, dark in ((1280, False), (1280, True), (320, False), (320, True)):
        browser.look(width, dark=dark)
        assert browser.value(CONTRAST) == [], (width, dark)
    assert browser.value(NAMELESS) == []


def test_the_colours_follow_the_scheme(browser: Chromium, pages: Pages) -> None:
    grounds = []
    for dark in (False, True):
        browser.look(1280, dark=dark)
        browser.visit(pages.url + "/")
        grounds.append(browser.value("getComputedStyle(document.body).backgroundColor"))
    assert grounds == ["rgb(253, 252, 249)", "rgb(19, 28, 35)"]


def test_the_style_applies_under_the_headers_policy(browser: Chromium, pages: Pages) -> None:
    browser.look(1280)
    browser.visit(pages.url + "/ui/traces/failed-over")
    widths = browser.value("[...document.querySelectorAll('.bar')].map((bar) => bar.getBoundingClientRect().width)")
    assert len(set(widths)) > 3


def test_hops_stand_where_their_times_are(browser: Chromium, pages: Pages) -> None:
    browser.look(1280)
    browser.visit(pages.url + "/ui/traces/uneven")
    boxes = browser.value(
        "[...document.querySelectorAll('.track')].map((track) => { const all = track.getBoundingClientRect();"
        "return [...track.querySelectorAll('.bar')].map((bar) => { const box = bar.getBoundingClientRect();"
        "return [(box.left - all.left) / all.width, box.width / all.width] }) })"
    )
    (short,), (long,), (late,), *_ = boxes
    assert short[0] == pytest.approx(0, abs=0.01)
    assert 0 < short[1] < 0.02
    assert long[1] > 0.98
    assert 0.98 < late[0] + late[1] <= 1.001


def test_nothing_that_is_shown_can_run(browser: Chromium, pages: Pages) -> None:
    browser.look(1280)
    for path in hostile_pages():
        browser.visit(pages.url + path)
        assert browser.value("document.querySelectorAll('script').length") == 1
        assert browser.value("document.querySelectorAll('[onerror], [onload], [onclick], iframe, object').length") == 0
        assert browser.value("typeof hit") == "undefined"
        assert browser.complaints == []


def test_the_filters_come_back_as_they_were_typed(browser: Chromium, pages: Pages) -> None:
    browser.look(1280)
    browser.visit(pages.url + "/")
    browser.leave(
        "document.querySelector('[name=policy]').value = 'a&b=\"é\"';"
        "document.querySelector('[name=outcome]').value = 'failed';"
        "document.querySelector('.ask button').click()"
    )
    assert pages.asked[-1] == "/?policy=a%26b%3D%22%C3%A9%22&flow=&outcome=failed&candidate=&since="


def test_a_policy_comes_back_as_it_was_typed(browser: Chromium, pages: Pages) -> None:
    browser.look(720)
    browser.visit(pages.url + "/typed")
    browser.leave("document.querySelector('.try button').click()")
    path, form = pages.posted[-1]
    assert path == "/ui/try"
    typed = {name: [value.replace("\r\n", "\n") for value in values] for name, values in form.items()}
    assert typed == {"policy": ["\n" + TYPED], "message": ["two\nlines"], "facts": ["{}"], "seed": ["7"]}


def test_a_trace_can_be_replayed_by_the_keyboard(browser: Chromium, pages: Pages) -> None:
    browser.look(720)
    browser.visit(pages.url + "/ui/traces/ok")
    browser.value("document.querySelector('.actions button').focus()")
    browser.events.clear()
    for kind in ("keyDown", "keyUp"):
        text = {"text": "\r"} if kind == "keyDown" else {}
        browser.ask("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13, **text)
    browser.wait_for("Page.loadEventFired")
    assert pages.posted[-1][0].startswith("/ui/traces/tr_")


def test_the_first_stop_of_the_keyboard_skips_to_the_content(browser: Chromium, pages: Pages) -> None:
    browser.look(320)
    browser.visit(pages.url + "/")
    for kind in ("keyDown", "keyUp"):
        browser.ask("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
    assert browser.value("document.activeElement.getAttribute('href')") == "#content"
    assert browser.value("document.activeElement.getBoundingClientRect().left") >= 0
    assert browser.value("document.getElementById('content') !== null")


def test_the_pages_work_without_a_script(browser: Chromium, pages: Pages) -> None:
    browser.ask("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.look(720)
        browser.visit(pages.url + "/ui/traces/failed-over")
        assert browser.value("document.querySelectorAll('.hop').length") == 4
        assert browser.value("[...document.querySelectorAll('.filter')].every((one) => one.hidden)")
    finally:
        browser.ask("Emulation.setScriptExecutionDisabled", value=False)
