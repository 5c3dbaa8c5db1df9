"""The page in a real browser: what a reader sees and does. Needs Debian's `chromium` or another Chromium of the system."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from conftest import ALLIANCE, CORPUS, ROOT

from index import refresh_index
from qa.check import check_answer

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if CHROMIUM is None:
    pytest.skip("no Chromium on this machine: apt-get install chromium", allow_module_level=True)
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is missing: pip install playwright")
Page, Browser, expect = sync_api.Page, sync_api.Browser, sync_api.expect

SPENDING = "كم سيبلغ الإنفاق الدفاعي الياباني ومتى؟"
MEETING = "Where did Trump and Takaichi meet?"
DEAL = "What does the minerals deal include?"
SHARE = "By when will Japan raise its defence spending, and to what share of GDP?"
UNKNOWN = "من هو رئيس وزراء فرنسا؟"
HOSTILE = """The harbour of Port Sanad was rebuilt in 1987 <script>document.title = "owned"</script> by **Layla Haddad**.
<img src=x onerror="document.title='owned'"> [press](javascript:alert(1)) `code` $x^2$ :smile: # no heading
The \u202etxt.exe\u202c file was found in the harbour archive of Port Sanad in 1988.
"""
PATIENCE = 30_000  # milliseconds; a loaded machine is slow
LOCAL = re.compile(r"^(?:https?|wss?)://127\.0\.0\.1[:/]|^(?:data|blob|about|chrome-extension):")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the articles, to which a page may add."""
    return Path(shutil.copytree(CORPUS, tmp_path_factory.mktemp("page") / "corpus"))


@pytest.fixture(scope="module")
def index(corpus: Path) -> Path:
    folder = corpus.parent / "index"
    refresh_index(corpus, folder)
    return folder


@pytest.fixture(scope="module")
def address(corpus: Path, index: Path) -> Iterator[str]:
    """Where `sanad ui` answers, quotes only."""
    with served(index, "none") as found:
        yield found


@contextmanager
def served(index: Path, llm: str) -> Iterator[str]:
    """`sanad ui` over that index; its report folder lies beside it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "qa.cli", "ui", "--index", str(index), "--llm", llm, "--port", str(port),
               "--report", str(index.parent / "report"), "--no-browser"]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with (index.parent / f"log-{port}").open("w+") as log:
        server = subprocess.Popen(command, cwd=index.parent, env=environment, stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGTERM)
            assert server.wait(10) == 0
            log.seek(0)
            sys.stdout.write(log.read())


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert server.poll() is None, "sanad ui ended"
        try:
            with urlopen(url, timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("sanad ui does not answer")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


class Reader:
    """A person in a browser tab of their own; every request that leaves the machine is noted."""

    def __init__(self, browser: Browser, address: str, language: str = "en", width: int = 1280) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 800}, locale=language, accept_downloads=True,
            permissions=["clipboard-read", "clipboard-write"],
        )  # fmt: skip
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.strangers: list[str] = []
        self.faults: list[str] = []
        self.page.on("request", lambda request: LOCAL.match(request.url) or self.strangers.append(request.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.faults.append("a dialog opened"), dialog.dismiss()))
        self.address = address

    def open(self, room: str = "") -> Page:
        self.page.goto(f"{self.address}/{room}")
        self.page.locator("textarea, .s-room-head").first.wait_for()
        self.page.wait_for_function("!!window.sanad?.off")  # our own buttons are listened to
        return self.page

    def ask(self, question: str) -> None:
        turns = self.page.locator(".s-question").count()
        self.page.get_by_test_id("stChatInputTextArea").fill(question)
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".s-question")).to_have_count(turns + 1, timeout=PATIENCE)
        self.page.locator(".s-count, .s-refusal, .s-error").nth(turns).wait_for()
        self.page.locator("[data-act=copy]").nth(turns).wait_for()


@pytest.fixture
def reader(browser: Browser, address: str) -> Iterator[Reader]:
    one = Reader(browser, address)
    yield one
    one.context.close()
    assert one.strangers == [], "the page works without a network"
    assert one.faults == []


@pytest.fixture
def arab(browser: Browser, address: str) -> Iterator[Reader]:
    one = Reader(browser, address, language="ar")
    yield one
    one.context.close()
    assert one.strangers == []
    assert one.faults == []


def marked(page: Page) -> tuple[str, str, bool]:
    """The marked words, the number of their line, and whether they are in view in the article."""
    page.locator(".s-article mark").wait_for()
    page.wait_for_function("document.activeElement?.closest('.s-pane')")
    words, line, visible = page.evaluate(
        """() => {
          const mark = document.querySelector(".s-article mark"), article = mark.closest(".s-article");
          const m = mark.getBoundingClientRect(), a = article.getBoundingClientRect();
          const inside = m.top >= a.top && m.bottom <= a.bottom && a.bottom <= innerHeight + 1;
          return [mark.textContent, mark.closest(".s-row").dataset.line, inside && m.left >= 0 && m.right <= innerWidth];
        }"""
    )
    return words, line, visible


def test_a_citation_of_an_arabic_answer_is_read_in_its_line(reader: Reader) -> None:
    page = reader.open()
    reader.ask(SPENDING)
    chip = page.locator(f'.s-claim .s-chip[title="{ALLIANCE}:23"]')
    chip.click()
    words, line, visible = marked(page)
    assert line == "23"
    assert words == (CORPUS / ALLIANCE).read_text(encoding="utf-8").split("\n")[22].strip()
    assert visible
    expect(page.locator(".s-cited .s-no")).to_have_text("23")
    heading = (CORPUS / ALLIANCE).read_text(encoding="utf-8").split("\n")[21]
    expect(page.locator(".s-under .s-title")).to_have_text(heading)
    expect(page.locator(".s-pair .s-quote")).to_have_text(words)
    assert page.locator(".s-cited p").evaluate("e => getComputedStyle(e).direction") == "rtl"
    expect(chip).to_have_attribute("aria-current", "true")
    page.keyboard.press("Escape")
    expect(page.locator(".s-pane")).to_have_count(0)
    expect(chip).to_be_focused()


def test_an_english_question_over_arabic_lines_and_the_next_citation(reader: Reader) -> None:
    page = reader.open()
    reader.ask(MEETING)
    expect(page.locator(".s-claim.s-quoted .s-label").first).to_contain_text("Quoted, word for word")
    chips = page.locator(".s-claim .s-chip")
    assert chips.count() > 1
    chips.first.click()
    first = marked(page)
    page.get_by_role("button", name="Next citation").click()
    expect(page.locator(".s-position")).to_contain_text("2")
    second = marked(page)
    assert first[:2] != second[:2]
    assert second[2]
    page.get_by_role("button", name="Previous citation").click()
    expect(page.locator(".s-position")).to_contain_text("1")
    assert marked(page) == first


def test_the_arabic_interface_runs_from_right_to_left(arab: Reader) -> None:
    page = arab.open()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    arab.ask(UNKNOWN)
    refusal = page.locator(".s-refusal")
    expect(refusal).to_contain_text("المصادر لا تذكر ذلك.")
    assert refusal.locator(".s-nearest li").count() == 5
    said = page.locator(".stApp").evaluate(
        """(app) => { const said = app.cloneNode(true);
          const others = "style, [aria-hidden=true], .s-nearest [lang=en], [data-testid=stSkipToContent]";
          said.querySelectorAll(others).forEach((e) => e.remove());
          return said.textContent; }"""
    )
    assert set(re.findall("[A-Za-z]{3,}", said)) <= {"sanad", "English", "HTML", "JSON"}
    box = page.locator(".st-key-talk").bounding_box()
    refusal.locator(".s-chip").first.click()
    pane = page.locator(".s-pane").bounding_box()
    assert pane["x"] < box["x"] + box["width"] / 2  # beside the conversation, on its left
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("dir", "ltr")
    expect(page.locator(".s-refusal")).to_contain_text("The sources do not say.")


def test_an_example_is_asked_by_keyboard(reader: Reader) -> None:
    page = reader.open()
    example = page.locator(".s-example").first
    example.wait_for()
    question = example.inner_text()
    for _ in range(40):
        page.keyboard.press("Tab")
        if example.evaluate("e => e === document.activeElement"):
            break
    assert example.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator(".s-question h2")).to_have_text(question, timeout=PATIENCE)
    page.locator(".s-count").wait_for()


def test_nothing_moves_while_an_answer_arrives(reader: Reader) -> None:
    page = reader.open()
    reader.ask(MEETING)
    _watch_shifts(page)
    reader.ask(SPENDING)
    page.wait_for_timeout(700)
    assert sum(page.evaluate("window.shifts")) < 0.1  # "good" by web.dev/cls
    newest = page.locator(".s-question").nth(1).bounding_box()
    assert 0 <= newest["y"] < 200  # scrolled to the top of the window


def test_a_question_can_be_typed_soon_after_the_start(browser: Browser, index: Path) -> None:
    page = browser.new_page()
    began = time.perf_counter()
    with served(index, "none") as address:
        page.goto(address)
        page.get_by_test_id("stChatInputTextArea").fill("a question")
        assert time.perf_counter() - began < 30  # 3 s on two idle cores: benchmarks/page_start.py
        page.close()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_one_can_ask_before_streamlit_has_drawn_anything(browser: Browser, address: str, language: str) -> None:
    reader = Reader(browser, address, language)
    page = reader.page
    with _scripts_held_back(page):
        page.goto(address, wait_until="commit")
        box = page.locator("#s-first textarea")
        box.fill(SPENDING)
        # Behind the script of the box, which waits for a style sheet: Enter before that is a line break.
        page.locator("#root").wait_for(state="attached")
        assert page.evaluate(CONTRAST) == []
        assert (
            page.locator("#s-first").evaluate("e => getComputedStyle(e).direction")
            == {"en": "ltr", "ar": "rtl"}[language]
        )
        box.press("Enter")
        expect(page.get_by_role("status")).not_to_be_empty()
    expect(page.locator(".s-question h2")).to_have_text(SPENDING, timeout=PATIENCE)
    page.locator(".s-count").wait_for()
    assert page.locator("#s-first").count() == 0
    reader.context.close()
    assert reader.faults == []


def test_what_was_typed_first_goes_on_in_the_drawn_box(reader: Reader) -> None:
    page = reader.page
    with _scripts_held_back(page):
        page.goto(reader.address, wait_until="commit")
        page.locator("#s-first textarea").click()
        page.keyboard.type("Where did they mee?")
        page.keyboard.press("ArrowLeft")
    page.locator(".s-example").first.wait_for()  # the page was drawn a second time
    page.keyboard.type("t")
    expect(page.get_by_test_id("stChatInputTextArea")).to_have_value("Where did they meet?")
    page.keyboard.press("Enter")
    expect(page.locator(".s-question h2")).to_have_text("Where did they meet?", timeout=PATIENCE)


def test_what_was_typed_first_waits_for_a_late_box(reader: Reader) -> None:
    page = reader.page
    with _scripts_held_back(page, "ChatInput"):
        page.goto(reader.address, wait_until="commit")
        page.locator("#s-first textarea").fill(MEETING)
        page.wait_for_function("!!window.sanad")  # the frame is drawn
        page.wait_for_timeout(4_000)  # an empty box is gone by now
    expect(page.get_by_test_id("stChatInputTextArea")).to_have_value(MEETING, timeout=PATIENCE)
    assert page.locator("#s-first").count() == 0


@contextmanager
def _scripts_held_back(page: Page, name: str = "index") -> Iterator[None]:
    held: list[Any] = []
    page.route(f"**/static/js/{name}.*.js", lambda route: held.append(route))
    try:
        yield
    finally:
        for route in held:
            route.continue_()
        page.unroute(f"**/static/js/{name}.*.js")


@pytest.mark.parametrize("room", ["collection", "evaluation", "settings"])
def test_other_rooms_begin_without_a_question_box(address: str, room: str) -> None:
    with urlopen(f"{address}/{room}") as answer:
        assert b"s-first" not in answer.read()


def test_without_an_index_no_question_box_stands_there_first(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with served(tmp_path / "none" / "index", "none") as address, urlopen(address) as answer:
        assert b"s-first" not in answer.read()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_sentences_of_the_language_model_come_one_by_one_until_stopped(browser: Browser, index: Path) -> None:
    with served(index, "embedded") as address:
        reader = Reader(browser, address)
        page = reader.open()
        page.set_default_timeout(300_000)
        _watch_shifts(page)
        page.get_by_test_id("stChatInputTextArea").fill(DEAL)
        page.keyboard.press("Enter")
        page.locator(".s-card").nth(4).wait_for()  # evidence, before anything is written
        assert page.locator(".s-claim").count() == 0
        seen: list[tuple[str, float]] = []
        for n in range(2):
            page.locator(".s-claim").nth(n).wait_for()
            expect(page.get_by_role("button", name="Stop")).to_be_visible()  # more is to come
            standing = _standing(page)
            assert len(standing) == n + 1
            assert standing[:n] == seen  # same words in the same place
            seen = standing
        stopped = time.perf_counter()
        page.get_by_role("button", name="Stop").click()
        expect(page.locator(".s-count, .s-advice, .s-note").get_by_text("Stopped.")).to_be_visible()
        assert time.perf_counter() - stopped < 20  # a second on two idle cores
        page.wait_for_timeout(3000)
        assert _standing(page) == seen
        assert sum(page.evaluate("window.shifts")) < 0.1
        page.get_by_test_id("stChatInputTextArea").fill(SHARE)
        page.keyboard.press("Enter")
        written = page.locator(".s-claim.s-verified").first
        written.wait_for()
        expect(written).to_contain_text("Verified against its line")
        expect(written.locator(".s-beneath")).to_contain_text("2%")  # the line that it says in another language
        written.locator(".s-chip").first.click()
        assert marked(page)[1] == "23"
        expect(page.locator(".s-pair dd").first).to_have_text(written.locator(".s-said").inner_text())
        reader.context.close()


def _watch_shifts(page: Page) -> None:
    page.evaluate(
        """() => { window.shifts = [];
          new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map((entry) => entry.value)))
            .observe({type: "layout-shift"}); }"""
    )


def _standing(page: Page) -> list[tuple[str, float]]:
    """The sentences of the answer with their places in it."""
    found = page.evaluate(
        """() => { const top = document.querySelector(".s-question").getBoundingClientRect().top;
          return [...document.querySelectorAll(".s-claim")].map(
            (e) => [e.querySelector(".s-said").textContent, Math.round(e.getBoundingClientRect().top - top)]); }"""
    )
    return [(words, place) for words, place in found]


def test_the_nearest_lines_come_within_a_second(reader: Reader) -> None:
    page = reader.open()
    reader.ask(MEETING)  # loads the models
    began = time.perf_counter()
    page.get_by_test_id("stChatInputTextArea").fill(SPENDING)
    page.keyboard.press("Enter")
    page.locator(".s-card").nth(5).wait_for()
    assert time.perf_counter() - began < 3  # a second on two idle cores


def test_answers_are_taken_away(reader: Reader, tmp_path: Path) -> None:
    page = reader.open()
    reader.ask(SPENDING)
    page.locator("[data-act=copy]").click()
    expect(page.locator("[data-act=copy]")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "[1]" in copied
    assert ALLIANCE in copied
    files = {}
    for label, suffix in (("Markdown", "md"), ("Web page", "html"), ("Receipt", "json")):
        with page.expect_download() as download:
            page.get_by_role("button", name=label).click()
        files[suffix] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[suffix])
        assert files[suffix].suffix == f".{suffix}"
    assert check_answer(json.loads(files["json"].read_text(encoding="utf-8")), CORPUS) == []
    assert "[^1]" in files["md"].read_text(encoding="utf-8")
    page.goto(files["html"].as_uri())
    quotes = page.locator("blockquote").all_inner_texts()
    assert (CORPUS / ALLIANCE).read_text(encoding="utf-8").split("\n")[22].strip() in quotes
    reader.strangers.clear()  # the file itself


def test_two_readers_do_not_see_each_others_conversation(browser: Browser, address: str) -> None:
    one, two = Reader(browser, address), Reader(browser, address, language="ar")
    one.open()
    two.open()
    one.ask(MEETING)
    two.ask(UNKNOWN)
    one.page.reload()
    assert MEETING not in two.page.locator(".stApp").inner_text()
    assert UNKNOWN not in one.page.locator(".stApp").inner_text()
    for reader in (one, two):
        reader.context.close()


def test_an_article_is_added_indexed_asked_and_removed(reader: Reader, corpus: Path) -> None:
    page = reader.open("collection")
    page.locator("input[type=file]").set_input_files(
        [
            {"name": "harbour.txt", "mimeType": "text/plain", "buffer": HOSTILE.encode()},
            {"name": "broken.txt", "mimeType": "text/plain", "buffer": b"caf\xe9"},
        ]
    )
    expect(page.get_by_test_id("stFileUploader")).to_contain_text("broken.txt", timeout=PATIENCE)
    page.get_by_role("button", name="Add to the collection").click()
    row = page.locator('tr[data-path="harbour.txt"]')
    row.wait_for()
    expect(row).to_contain_text("English")
    problem = page.locator(".s-report.s-bad")
    expect(problem).to_contain_text("broken.txt")
    expect(problem).to_contain_text("UTF-8")
    assert not (corpus / "broken.txt").exists()

    page.get_by_role("link", name="Ask").click()
    reader.ask("When was the harbour of Port Sanad rebuilt?")
    chip = page.locator('.s-chip[title^="harbour.txt:1"]').first
    expect(page.locator(".s-said").first).to_contain_text("<script>")
    chip.click()
    words, line, _ = marked(page)
    assert line == "1"
    assert "<script>" in words
    assert "**Layla Haddad**" in words
    article = page.locator(".s-article")
    expect(article).to_contain_text("[press](javascript:alert(1)) `code` $x^2$ :smile: # no heading")
    expect(article).to_contain_text("⟦RLO⟧txt.exe")
    assert page.locator(".s-article script, .s-article img, .s-article a, .s-article strong").count() == 0
    assert "owned" not in page.title()

    page.keyboard.press("Escape")
    page.get_by_role("link", name="Collection").click()
    row.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0, timeout=PATIENCE)
    assert not (corpus / "harbour.txt").exists()
    assert (corpus / ".removed" / "harbour.txt").read_text(encoding="utf-8") == HOSTILE


def test_the_sources_are_narrowed_down(reader: Reader) -> None:
    page = reader.open()
    page.get_by_role("button", name="Searching").click()
    page.get_by_role("combobox", name="Languages").click()
    page.get_by_role("option", name="English").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Searching")).to_contain_text("1 article")
    reader.ask("Who will nominate Trump for the Nobel Peace Prize?")
    cards = page.locator(".s-card .s-text, .s-nearest p:first-child")
    assert all(not re.search("[\u0600-\u06ff]", text) for text in cards.all_inner_texts())


def test_settings_say_what_each_choice_costs(reader: Reader) -> None:
    page = reader.open("settings")
    page.get_by_text("Quotes and verified sentences").click()
    expect(page.get_by_text("Embedded (default)").first).to_be_visible()
    expect(page.get_by_text("ten seconds a sentence")).to_be_visible()
    page.get_by_text("Another model").click()
    page.get_by_label("Model", exact=True).fill("nonsense")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Use these settings").click()
    expect(page.locator(".s-error")).to_contain_text("names no language model")


def test_without_an_evaluation_the_page_says_how_to_make_one(reader: Reader) -> None:
    page = reader.open("evaluation")
    expect(page.locator("code")).to_contain_text("sanad eval --report")


def test_on_a_phone_the_article_takes_the_whole_screen(browser: Browser, address: str) -> None:
    phone = Reader(browser, address, width=390)
    page = phone.open()
    phone.ask(SPENDING)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".s-claim .s-chip").first.click()
    assert marked(page)[2]
    pane = page.locator(".s-pane").bounding_box()
    assert (pane["x"], pane["y"], pane["width"]) == (0, 0, 390)
    page.get_by_role("button", name="Close the article").click()
    expect(page.locator(".s-pane")).to_have_count(0)
    phone.context.close()


# WCAG 2.1, success criterion 1.4.3: the contrast of each piece of text with what is painted behind it
CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  canvas.canvas.width = canvas.canvas.height = 1;
  const over = (colours) => { canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3); };
  const light = (rgb) => { const [r, g, b] = rgb.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const low = [];
  for (const e of document.querySelectorAll(".stApp *, [role=dialog] *, [data-testid=stPopoverBody] *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    const box = e.getBoundingClientRect();
    if (!own || !box.width || !e.checkVisibility() || e.closest(":disabled, script, style, [aria-hidden=true]")) continue;
    const behind = [];
    for (let up = e; up; up = up.parentElement) behind.unshift(getComputedStyle(up).backgroundColor);
    const style = getComputedStyle(e), size = parseFloat(style.fontSize), ink = e instanceof SVGElement ? style.fill : style.color;
    const a = light(over(["white", ...behind])), b = light(over(["white", ...behind, ink]));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) low.push(`${ratio.toFixed(2)} ${e.className} ${e.textContent.trim().slice(0, 40)}`);
  }
  return low;
}"""


@pytest.fixture(scope="module")
def made_report(index: Path) -> Path:
    """What `sanad eval` writes over a few questions."""
    folder = index.parent / "made-report"
    command = [sys.executable, "-m", "qa.cli", "eval", "--gold", str(CORPUS / "gold.jsonl"), "--index", str(index), "--limit", "12",
               "--systems", "", "--load-bearing", "0", "--report", str(folder)]  # fmt: skip
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=200)
    return folder


@pytest.fixture
def report(made_report: Path) -> Iterator[Path]:
    """The same where the page looks for one."""
    folder = Path(shutil.copytree(made_report, made_report.parent / "report"))
    yield folder
    shutil.rmtree(folder)


@pytest.mark.usefixtures("report")
@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(browser: Browser, address: str, scheme: str, language: str) -> None:
    reader = Reader(browser, address, language)
    reader.page.emulate_media(color_scheme=scheme)
    page = reader.open()
    page.locator(".s-example").first.wait_for()
    assert page.evaluate(CONTRAST) == []
    reader.ask(SPENDING)
    page.locator(".s-claim .s-chip").first.click()
    marked(page)
    assert page.evaluate(CONTRAST) == []
    page.keyboard.press("Escape")
    reader.ask(UNKNOWN)
    page.locator(".st-key-toolbar button").first.click()
    page.get_by_test_id("stPopoverBody").wait_for()
    assert page.evaluate(CONTRAST) == []
    reader.open("collection")
    page.locator("[data-act=remove]").first.click()
    page.get_by_role("dialog").wait_for()
    assert page.evaluate(CONTRAST) == []
    reader.open("settings")
    page.locator(".st-key-mode [role=radiogroup] label").first.click()
    page.locator(".st-key-model").wait_for()
    assert page.evaluate(CONTRAST) == []
    _open_evaluation(reader)
    assert page.evaluate(CONTRAST) == []
    reader.context.close()


def _open_evaluation(reader: Reader) -> None:
    """With all that can be unfolded."""
    page = reader.open("evaluation")
    expect(page.locator("[data-testid=stVegaLiteChart] svg")).to_have_count(5, timeout=PATIENCE)
    page.locator("[data-testid=stExpander] summary").click()
    page.locator(".s-figure").first.wait_for()
    page.locator(".s-failing summary").first.click()
    page.locator(".s-failing [data-act=ask]").first.wait_for()


@pytest.mark.usefixtures("report")
def test_the_evaluation_is_told_in_arabic(arab: Reader) -> None:
    _open_evaluation(arab)
    page = arab.page
    expect(page.locator("[data-testid=stVegaLiteChart]").first).to_contain_text("الاستناد إلى المصادر")
    said = page.locator(".stApp").evaluate(
        """(app) => { const said = app.cloneNode(true);
          const others = "style, [aria-hidden=true], .s-failing [lang=en], .s-failing li bdi, .s-where, blockquote, "
            + "[data-testid=stSkipToContent]";
          said.querySelectorAll(others).forEach((e) => e.remove());
          return said.textContent; }"""
    )
    assert set(re.findall("[A-Za-z]{3,}", said)) <= {"sanad", "English", "ALCE", "SQuAD"}
    question = page.locator(".s-failing summary span").first.inner_text()
    page.locator(".s-failing [data-act=ask]").first.click()
    expect(page.locator(".s-question h2")).to_have_text(question, timeout=PATIENCE)


CONTROLS = """() => [...document.querySelectorAll(
    ".stApp :is(a[href], button, input, textarea, select, summary, [role=button], [role=combobox], [tabindex='0'])")]
  .filter((e) => e.checkVisibility({opacityProperty: true, visibilityProperty: true}) && e.getBoundingClientRect().width > 1
    && !e.disabled && e.tabIndex >= 0 && e.type !== "radio")"""


@pytest.mark.usefixtures("report")
@pytest.mark.parametrize("room", ["", "collection", "settings", "evaluation"])
def test_every_control_is_reached_by_keyboard(reader: Reader, room: str) -> None:
    if room == "evaluation":
        _open_evaluation(reader)
    page = reader.page if room == "evaluation" else reader.open(room)
    if not room:
        reader.ask(SPENDING)
        page.locator(".s-claim .s-chip").first.click()
        marked(page)
    page.wait_for_timeout(1000)
    page.evaluate("() => { document.activeElement?.blur(); window.reached = new Set(); }")
    radios = page.locator("[role=radiogroup]").count()
    seen = repeated = 0
    while repeated < 5:  # once round
        page.keyboard.press("Tab")
        now = page.evaluate("() => window.reached.add(document.activeElement).size")
        seen, repeated = now, repeated + 1 if now == seen else 0
    missed = page.evaluate(
        f"() => ({CONTROLS})().filter((e) => !window.reached.has(e)).map((e) => e.outerHTML.slice(0, 200))"
    )
    assert missed == []
    assert page.evaluate("() => [...window.reached].filter((e) => e.type === 'radio').length") == radios
