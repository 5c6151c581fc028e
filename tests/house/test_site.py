"""The site builds without a warning, asks nothing of another host, and every rule in it can be linked."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from docs_rules import chapters
from repository import ROOT, SPEC

from policy_ir.diagnostics import CODES
from policy_ir.signature import SIGNATURE

FETCHING_LINKS = {
    *("stylesheet", "icon", "shortcut", "apple-touch-icon", "mask-icon", "manifest"),
    *("preload", "prefetch", "modulepreload", "preconnect", "dns-prefetch"),
}
CSS_URL = re.compile(r"""url\(\s*['"]?([^'")]+)|@import\s+['"]([^'"]+)""")


class Page(HTMLParser):
    """What a page fetches by itself, what it links to, the ids it has, and the classes it uses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.linked: list[str] = []
        self.ids: set[str] = set()
        self.classes: set[str] = set()
        self._css = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._css = tag == "style"
        self.ids |= {given["id"]} if "id" in given else set()
        self.classes |= set(given.get("class", "").split())
        self.fetched += [given[name] for name in ("src", "poster", "data") if name in given and tag != "a"]
        self.fetched += [part.split()[0] for part in given.get("srcset", "").split(",") if part.strip()]
        self.fetched += [a or b for a, b in CSS_URL.findall(given.get("style", ""))]
        if tag == "link" and FETCHING_LINKS & set(given.get("rel", "").split()):
            self.fetched.append(given.get("href", ""))
        if tag in ("use", "image") and (given.get("href") or given.get("xlink:href")):
            self.fetched.append(given.get("href") or given["xlink:href"])
        if tag == "a" and "href" in given:
            self.linked.append(given["href"])

    def handle_data(self, data: str) -> None:
        if self._css:
            self.fetched += [a or b for a, b in CSS_URL.findall(data)]

    def handle_endtag(self, tag: str) -> None:
        self._css = False


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert (built.returncode, built.stdout + built.stderr) == (0, "")
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    return {str(path.relative_to(site)): Page(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}


def elsewhere(url: str) -> bool:
    return bool(urlsplit(url).netloc) or urlsplit(url).scheme not in ("", "data")


def test_no_page_fetches_anything_from_another_host(pages: dict[str, Page]) -> None:
    assert {name: found for name, page in pages.items() if (found := [u for u in page.fetched if elsewhere(u)])} == {}


def test_no_stylesheet_fetches_anything_from_another_host(site: Path) -> None:
    sheets = {path: CSS_URL.findall(path.read_text("utf-8")) for path in site.rglob("*.css")}
    assert sheets
    assert [(str(path), a or b) for path, urls in sheets.items() for a, b in urls if elsewhere(a or b)] == []


def test_no_page_asks_the_theme_for_a_diagram_it_would_fetch_a_script_for(pages: dict[str, Page]) -> None:
    assert [name for name, page in pages.items() if "mermaid" in page.classes] == []


def test_every_link_within_the_site_leads_to_a_page_and_a_place_in_it(pages: dict[str, Page]) -> None:
    broken = []
    for name, page in pages.items():
        if name == "404.html":  # served for any address: its links are from the root
            continue
        for link in page.linked:
            if elsewhere(link):
                continue
            target = urlsplit(urljoin("/" + name, link))
            path = unquote(target.path).lstrip("/")
            found = pages.get(path + "index.html" if not path or path.endswith("/") else path)
            if found is None or (target.fragment and unquote(target.fragment) not in found.ids | {"__top"}):
                broken.append((name, link))
    assert broken == []


def test_every_rule_of_the_specification_is_a_place_to_link_to(pages: dict[str, Page]) -> None:
    for chapter, rules in chapters(SPEC).items():
        folder = "spec" if chapter == "index.md" else f"spec/{chapter.removesuffix('.md')}"
        missing = set(rules) - pages[f"{folder}/index.html"].ids
        assert missing == set()


def test_every_code_and_every_operation_has_its_place_in_the_reference(pages: dict[str, Page]) -> None:
    assert set(CODES) - pages["reference/diagnostics/index.html"].ids == set()
    assert set(SIGNATURE) - pages["reference/operations/index.html"].ids == set()


def test_no_page_is_left_out_of_the_navigation(pages: dict[str, Page]) -> None:
    home = {urljoin("/", link) for link in pages["spec/index.html"].linked}
    sources = {path.relative_to(ROOT / "docs") for path in SPEC.glob("*.md")}
    assert home
    assert {str(path) for path in sources if path.name != "index.md"} != set()
    for path in sources:
        if path.name != "index.md":
            assert any(link.rstrip("/").endswith(path.stem) for link in pages["spec/index.html"].linked), path
