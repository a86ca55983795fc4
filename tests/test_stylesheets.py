"""The style sheets: their layers, one home for each rule, and one file for each page."""

import re
from collections import defaultdict
from pathlib import Path

import pytest
from django.contrib.admin import site
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse

from recommendations.report import renderer
from tracker.stylesheets import whole

CSS = Path("static/css")
GENERATED = {"fonts.css", "fonts-print.css"}
SHEETS = sorted(path for path in CSS.rglob("*.css") if path.name not in GENERATED)
ENTRIES = ["admin.css", "edition.css", "preview.css", "site.css"]
# Static files that our style sheets have nothing of.
OTHERS = ["*.js", "*.ttf", "*.txt", "import_export", "simple_history", "vendor"]
PRINTED = [*renderer.STYLESHEETS, "print/draft.css"]


def read(name):
    return Path(finders.find(name)).read_text(encoding="utf-8")


def named(path):
    return path.relative_to(CSS).as_posix()


def imported(name):
    return re.findall(r'@import url\("([^"]+)"\)', (CSS / name).read_text())


def blocks(path):
    """The blocks that the rules of a file belong to: the first class or id of each selector, without its parts."""
    text = re.sub(r"/\*.*?\*/|\([^()]*\)", "", path.read_text(), flags=re.DOTALL)
    selectors = ",".join(head for head in re.findall(r"([^{};]+)\{", text) if not head.strip().startswith("@"))
    classes = [re.search(r"[.#][a-z][\w-]*", selector) for selector in selectors.split(",")]
    return {re.split("__|--", found[0])[0] for found in classes if found}


@pytest.mark.parametrize("path", SHEETS, ids=named)
def test_a_style_sheet_is_short(path):
    assert path.read_text().count("\n") <= 400


def test_every_style_sheet_is_part_of_a_page_or_of_a_pdf():
    parts = {name for entry in ENTRIES for name in imported(entry) if not name.startswith("../")}

    assert {*map(named, SHEETS), *GENERATED} == parts | {*ENTRIES, *PRINTED}


@pytest.mark.parametrize("entry", ENTRIES)
def test_what_a_page_asks_for_puts_each_part_into_a_declared_layer(entry):
    declared = re.findall(r"[\w-]+", re.search(r"@layer ([^;{]+);", (CSS / "layers.css").read_text())[1])
    text = re.sub(r"/\*.*?\*/", "", (CSS / entry).read_text(), flags=re.DOTALL)

    lines = text.split("\n")
    statements = [line for line in lines if line]
    layers = [re.fullmatch(r'@import url\("[^"]+"\) layer\(([\w-]+)\)( screen)?;', line) for line in statements[1:]]

    assert statements[0] == '@import url("layers.css");'
    assert {layer and layer[1] for layer in layers} <= set(declared)


@pytest.mark.parametrize("name", PRINTED)
def test_what_weasyprint_reads_has_no_layers(name):
    assert "@layer" not in (CSS / name).read_text()


def test_a_block_has_one_home():
    """But for the report's, whose sizes differ on screen and on paper; charts and statuses share colours and a rule."""
    homes = defaultdict(set)
    for path in SHEETS:
        if path.parent.name not in ("report", "print"):
            for block in blocks(path):
                homes[path.parent.name == "admin", block].add(named(path))

    assert {block: files for (_, block), files in homes.items() if len(files) > 1} == {
        ".chart": {"components/chart.css", "components/status.css"},
        ".status": {"components/chart.css", "components/status.css"},
    }


def test_colours_are_tokens():
    written = {
        named(path): colours
        for path in SHEETS
        if (colours := re.findall(r"(?<!&)#[0-9a-f]{3,8}\b(?=[;\s])", path.read_text()))
    }

    assert set(written) == {"tokens.css", "components/status.css"}


def test_a_whole_style_sheet_holds_its_parts_in_their_layers_and_finds_their_files():
    files = {
        "css/a.css": '@import url("b/c.css") layer(parts) screen;\n@import url("../d/e.css");\nh1 { color: red }\n',
        "css/b/c.css": '/* For who\nwrites it. */\n\np { mask: url("../../marks/x.svg") }\n',
        "d/e.css": "@import url('f.css');\na { background: url(../img/y.svg) }\n",
        "d/f.css": "b { cursor: url(data:z) }\n",
    }

    assert whole("css/a.css", files.__getitem__) == (
        '@layer parts {\n@media screen {\np { mask: url("../marks/x.svg") }\n}\n}\n'
        'b { cursor: url(data:z) }\na { background: url("../img/y.svg") }\nh1 { color: red }\n'
    )


def test_a_page_asks_for_one_style_sheet_in_production(tmp_path):
    storage = {"staticfiles": {"BACKEND": "tracker.stylesheets.StaticFilesStorage"}}
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=storage):
        for _again in range(2):
            call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=OTHERS)

    [site] = tmp_path.glob("css/site.????????????.css")
    [admin] = tmp_path.glob("css/admin.????????????.css")
    for sheet, picture in ((site, "marks/on-hold."), (admin, "admin/img/icon-addlink.")):
        text = sheet.read_text()
        files = set(re.findall(r'url\("\.\./([^"]+)"\)', text))
        assert "@import" not in text
        assert any(file.startswith(picture) for file in files)
        assert [file for file in files if not (tmp_path / file).exists()] == []
    assert text.index("@layer django, tokens") < text.index("@layer django {") < text.index("--paper: #fbf8f3")


PAGES = ["index", "login", "password_change", "password_reset", "second_factor", "second_factor_set_up"]
OF_A_MODEL = ["changelist", "add", "change", "history", "delete"]


def test_no_page_of_the_staff_links_a_style_sheet_of_djangos(client, user, plan_2020):
    client.force_login(user)
    addresses = {reverse(f"admin:{name}") for name in PAGES}
    for model, model_admin in site._registry.items():
        one = model._default_manager.first()
        names = {pattern.name for pattern in model_admin.get_urls()}
        for page in OF_A_MODEL[: None if one else 2]:
            name = f"{model._meta.app_label}_{model._meta.model_name}_{page}"
            if name in names:
                addresses.add(reverse(f"admin:{name}", args=[one.pk] if page in OF_A_MODEL[2:] else []))
    answers = {address: client.get(address) for address in addresses}
    pages = {address: answer.text for address, answer in answers.items() if answer.status_code == 200}

    links = r'<link[^>]*stylesheet[^>]*href="([^"?]+)|<style'
    assert len(pages) > 20
    assert [address for address, page in pages.items() if re.findall(links, page) != ["/static/css/admin.css"]] == []
