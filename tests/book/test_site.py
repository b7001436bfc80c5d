"""The built site: no warning, no broken link, no request to another host, the right buttons."""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import address
import pairs
import pytest
from bs4 import BeautifulSoup

from tests.book.built_site import Site

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]

# Elements that a browser follows by itself, and the attribute that says where to.
LOADED = {
    "script": "src", "img": "src", "iframe": "src", "embed": "src", "source": "src", "video": "src",
    "audio": "src", "track": "src", "object": "data", "use": "href", "form": "action",
}  # fmt: skip
LOADED_LINKS = {
    "stylesheet", "icon", "shortcut", "preload", "prefetch", "preconnect", "dns-prefetch",
    "modulepreload", "manifest", "apple-touch-icon", "search",
}  # fmt: skip
FOREIGN = re.compile(r"^(?:https?:)?//", re.IGNORECASE)
CSS_LOADS = re.compile(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)")
SCRIPT_LOADS = re.compile(
    r"""(?:\bimport\s*\(?\s*|\bfrom\s+|importScripts\(|fetch\(|\.src\s*=\s*|\.href\s*=\s*|load\w*\()"""
    r"""["'`]((?:https?:)?//[^"'`]+)"""
)


# Where an installed package lies, and the stored results that it carries.
LOOK_AROUND = """
import course_utils
from course_utils import results

assert results.reproduced("C", "model 1")["reported"]["test accuracy"] == 0.9752
print(course_utils.__file__, course_utils.__version__, results.path("reproduction.json"))
"""


def chapter_names() -> list[str]:
    return [path.stem for path in pairs.chapters()]


def buttons(page: BeautifulSoup) -> dict[str, str]:
    """Return what the buttons at the top of a page say and where they lead."""
    links = page.select(".article-header-buttons a[href]")
    return {
        link.get_text(" ", strip=True) or str(link.get("title")): str(link["href"])
        for link in links
    }


def local_file(url: str) -> str:
    """Return the path in the repository that a GitHub or Colab URL leads to."""
    repository = re.escape(address.current_address().repository)
    match = re.fullmatch(
        rf"https://(?:github\.com|colab\.research\.google\.com/github)/{repository}"
        r"/(?:blob|edit)/main/(.+)",
        url,
    )
    assert match, url
    return match[1]


def test_every_page_of_the_contents_is_built(site: Site) -> None:
    toc = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    names = re.findall(r"(?:root|file): (\S+)", toc)
    assert len(names) > 5
    expected = {re.sub(r"\.ipynb$", "", name) + ".html" for name in names}
    assert expected <= set(site.pages)
    assert {f"book/chapters/{name}.html" for name in chapter_names()} <= expected
    assert (site.html / "index.html").exists()
    assert (site.html / ".nojekyll").exists()


def test_only_what_is_listed_is_published(site: Site) -> None:
    published = {path.name for path in (site.html / "_sources").rglob("*.*")}
    assert not published & {"README.md", "CONTRIBUTING.md"}
    assert not [name for name in published if "solution" in name]


def test_internal_links_lead_to_pages_and_anchors(site: Site) -> None:
    anchors = {
        name: {str(tag["id"]) for tag in page.select("[id]")}
        | {str(tag["name"]) for tag in page.select("a[name]")}
        for name, page in site.pages.items()
    }
    broken, checked = [], 0
    for name, page in site.pages.items():
        for link in page.select("a[href]"):
            parts = urlsplit(str(link["href"]))
            if parts.scheme or parts.netloc:
                continue
            checked += 1
            path = site.file(name, str(link["href"]))
            target = os.path.relpath(path.resolve(), site.html.resolve())
            anchor = unquote(parts.fragment)
            missing = not path.is_file() or (
                anchor and target in anchors and anchor not in anchors[target]
            )
            if missing:
                broken.append(f"{name}: {link['href']}")
    assert checked > 100
    assert broken == []


def loaded_by(name: str, page: BeautifulSoup) -> Iterator[str]:
    """Yield every address that a browser asks for by itself when it shows a page."""
    for tag in page.find_all(list(LOADED)):
        if tag.get(LOADED[tag.name]):
            yield str(tag[LOADED[tag.name]])
    for tag in page.select("[srcset]"):
        yield from (part.split()[0] for part in str(tag["srcset"]).split(",") if part.strip())
    for tag in page.select("link[rel][href]"):
        if LOADED_LINKS & {rel.lower() for rel in tag["rel"]}:
            yield str(tag["href"])
    for tag in page.select("meta[http-equiv=refresh i]"):
        yield str(tag["content"]).split("=", 1)[1].strip("'\" ")
    for tag in page.find_all("style"):
        yield from css_loads(tag.get_text())
    for tag in page.select("[style]"):
        yield from css_loads(str(tag["style"]))
    for tag in page.find_all("script"):
        # Inline code may name no other host at all: it could be about to load something.
        yield from re.findall(r"https?://[^\s\"'`<>]+", tag.get_text())


def css_loads(text: str) -> Iterator[str]:
    """Yield what a stylesheet loads."""
    for match in CSS_LOADS.finditer(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)):
        yield (match[1] or match[2]).strip()


def test_no_page_asks_another_host(site: Site) -> None:
    loaded = {(name, url) for name, page in site.pages.items() for url in loaded_by(name, page)}
    assert len(loaded) > 50
    assert sorted((name, url) for name, url in loaded if FOREIGN.match(url)) == []


def test_everything_a_page_loads_is_there(site: Site) -> None:
    missing = []
    for name, page in site.pages.items():
        for url in loaded_by(name, page):
            path = unquote(urlsplit(url).path)
            if url.startswith(("data:", "#")) or not path:
                continue
            if not site.file(name, url).exists():
                missing.append(f"{name}: {url}")
    assert missing == []


def test_stylesheets_and_scripts_ask_no_other_host(site: Site) -> None:
    files = {suffix: sorted(site.html.rglob(f"*{suffix}")) for suffix in (".css", ".js")}
    assert files[".css"]
    assert files[".js"]
    styles = [(p.name, url) for p in files[".css"] for url in css_loads(p.read_text("utf-8"))]
    scripts = [
        (p.name, url) for p in files[".js"] for url in SCRIPT_LOADS.findall(p.read_text("utf-8"))
    ]
    assert len(styles) > 3
    assert [(name, url) for name, url in styles + scripts if FOREIGN.match(url)] == []


@pytest.mark.parametrize(
    "tag",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//fonts.example/x.css">',
        '<img src="http://example.org/pixel.png">',
        '<style>@import "https://fonts.example/x.css";</style>',
        "<div style=\"background: url('https://example.org/x.png')\"></div>",
        '<script>const THEBE_JS_URL = "https://unpkg.com/thebe"</script>',
    ],
)
def test_the_search_for_foreign_assets_finds(tag: str) -> None:
    page = BeautifulSoup(
        f"<html>{tag}<a href='https://doi.org/x'>a link is fine</a></html>", "html.parser"
    )
    assert len([url for url in loaded_by("page", page) if FOREIGN.match(url)]) == 1


def test_next_and_previous_walk_through_the_chapters(site: Site) -> None:
    names = chapter_names()
    for before, after in itertools.pairwise(names):
        onward = site.page(f"chapters/{before}").select_one("a.right-next")
        back = site.page(f"chapters/{after}").select_one("a.left-prev")
        assert onward, before
        assert onward["href"] == f"{after}.html"
        assert back, after
        assert back["href"] == f"{before}.html"


@pytest.mark.parametrize("name", chapter_names())
def test_buttons_of_a_chapter(site: Site, name: str) -> None:
    found = buttons(site.page(f"chapters/{name}"))
    assert local_file(found["Colab"]) == f"book/chapters/{name}.ipynb"
    assert local_file(found["Suggest edit"]) == f"book/chapters/{name}.md"
    assert found["Repository"] == f"https://github.com/{address.current_address().repository}"
    assert found["Open issue"].startswith(found["Repository"] + "/issues/new")
    download = (site.html / "book/chapters" / found[".ipynb"]).resolve()
    assert download.read_bytes() == (ROOT / f"book/chapters/{name}.ipynb").read_bytes()


def test_suggest_edit_leads_to_a_file_on_every_page(site: Site) -> None:
    edits = [buttons(page).get("Suggest edit") for page in site.pages.values()]
    files = [local_file(url) for url in edits if url]
    assert len(files) > 5
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_figures_carry_their_alternative_text(site: Site) -> None:
    for name in chapter_names():
        figures = site.page(f"chapters/{name}").select(".cell_output img")
        assert figures, name
        assert [str(figure) for figure in figures if len(str(figure.get("alt", ""))) < 30] == []


def test_equations_are_set_by_the_sites_own_mathjax(site: Site) -> None:
    with_equations = [n for n, page in site.pages.items() if page.select(".math")]
    assert "book/appendix/notation.html" in with_equations
    assert {f"book/chapters/{name}.html" for name in chapter_names()} <= set(with_equations)
    for name in with_equations:
        scripts = [str(s["src"]) for s in site.pages[name].select("script[src*=mathjax]")]
        assert len(scripts) == 1, name
        script = ((site.html / name).parent / urlsplit(scripts[0]).path).resolve()
        assert script == (site.html / "_static/mathjax/tex-chtml-full.js").resolve()
        fonts = sorted((script.parent / "output/chtml/fonts/woff-v2").glob("*.woff"))
        assert len(fonts) > 15


def test_terms_of_the_glossary_are_all_reachable(site: Site) -> None:
    from tests.book import rules

    page = site.page("appendix/glossary")
    assert rules.glossary_anchors() == {str(term["id"]) for term in page.select("dl.glossary dt")}


def test_every_module_has_a_page(site: Site) -> None:
    modules = {p.stem for p in (ROOT / "course_utils").glob("[a-z]*.py")} - {"cli"}
    modules |= {"reproduction"}
    for module in modules:
        page = site.page(f"appendix/api/{module}")
        assert page.select(f"dt[id^='course_utils.{module}.']"), f"{module}: nothing documented"


def test_the_api_speaks_as_its_users_do(site: Site) -> None:
    """No private names, no alias written out, and no sentence taken for a type."""
    pages = {name: page for name, page in site.pages.items() if "/api/" in name}
    described = " ".join(page.get_text(" ", strip=True) for page in pages.values())
    assert "ArrayLike" in described
    assert re.findall(r"\W_[a-z]\w+|_Buffer|<factory>|Ellipsis", described) == []
    types = [
        str(value.get_text(" ", strip=True))
        for page in pages.values()
        for name in page.select("dl.field-list > dt")
        if name.get_text(strip=True).startswith(("Type", "Return type"))
        for value in [name.find_next_sibling("dd")]
    ]
    assert len(types) > 10
    assert [type for type in types if re.search(r"[a-z] [a-z]", type)] == []


def test_a_comma_stays_with_its_formula(site: Site) -> None:
    kept = site.page("chapters/08-batch-normalization").select("span.formula")
    assert len(kept) > 20
    assert all(re.fullmatch(r".*[.,;:!?)]", span.get_text(), re.DOTALL) for span in kept)


def test_no_solution_is_anywhere_in_the_site(site: Site) -> None:
    from tests.book.test_solutions_hidden import told_in

    assert list(told_in(site.html)) == []


def test_wheel_is_small_carries_no_data_and_is_the_one_that_chapters_install(site: Site) -> None:
    wheels = list((site.html / "wheels").iterdir())
    assert [wheel.name for wheel in wheels] == [address.current_wheel()]
    assert wheels[0].stat().st_size < 300_000
    with zipfile.ZipFile(wheels[0]) as archive:
        names = archive.namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"course_utils"}
    assert not [name for name in names if name.endswith((".npz", ".gz", ".ipynb"))]
    results = [name for name in names if name.endswith(".json")]
    assert results == ["course_utils/_results/reproduction.json"]
    in_wheel = {name for name in names if name.endswith(".py")}
    here = {p.relative_to(ROOT).as_posix() for p in (ROOT / "course_utils").rglob("*.py")}
    clone_only = {name for name in here if name.startswith("course_utils/reproduction/")}
    assert in_wheel == here - clone_only


def test_wheel_installs_and_imports_without_the_checkout(site: Site, tmp_path: Path) -> None:
    wheel = site.html / "wheels" / address.current_wheel()
    target = tmp_path / "installed"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*command, "--target", str(target), str(wheel)], check=True)
    done = subprocess.run(
        [sys.executable, "-c", LOOK_AROUND],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(target)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    file, version, results = done.stdout.split()
    assert Path(file).is_relative_to(target)
    assert Path(results).is_relative_to(target)
    assert f"-{version}-" in wheel.name


def test_wheel_is_the_same_file_when_built_again(site: Site, run_tool: Run) -> None:
    built = site.root / "_build/extra/wheels" / address.current_wheel()
    before = hashlib.sha256(built.read_bytes()).hexdigest()
    built.unlink()
    for path in (site.root / "course_utils").iterdir():
        os.utime(path, (2e9, 2e9))
    assert run_tool(site.root, "site.py", "--wheel").returncode == 0
    assert hashlib.sha256(built.read_bytes()).hexdigest() == before
    assert not list(site.root.glob("*.egg-info"))
    assert not (site.root / "build").exists()


def test_a_warning_fails_the_build_each_time_it_is_tried(
    tmp_path: Path, copy_tree: Callable[[Path], Path], run_tool: Run
) -> None:
    """Sphinx alone would let the second build pass: it warns about a page only when it reads it."""
    root = copy_tree(tmp_path / "course")
    contents = "root: book/appendix/notation\nchapters:\n  - file: book/appendix/cite\n"
    (root / "_toc.yml").write_text("format: jb-book\n" + contents, "utf-8")
    page = root / "book/appendix/notation.md"
    text = page.read_text("utf-8")
    page.write_text(text + "\n[nowhere](no-such-page.md)\n", encoding="utf-8")
    for _ in range(2):
        done = run_tool(root, "site.py")
        assert done.returncode == 1
        assert re.search(r"notation\.md:\d+: WARNING: .*no-such-page", done.stderr)
        assert not (root / "_build/html/index.html").exists()
    page.write_text(text, encoding="utf-8")
    assert run_tool(root, "site.py").returncode == 0
    assert (root / "_build/html/index.html").exists()
