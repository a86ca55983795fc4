"""script/audit: what is known of the packages that are locked, their licences, and what a server is made of."""

import hashlib
import json
import runpy
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from fontTools.ttLib import TTFont, newTable

from tracker.settings import BASE_DIR

AUDIT = runpy.run_path("script/audit")
LOCK = runpy.run_path("script/lock")
RULES = {"licences": ["MIT", "BSD-3-Clause", "MIT License"], "exceptions": []}
INSTALLERS = [*(BASE_DIR / "script").iterdir(), BASE_DIR / "Containerfile", *(BASE_DIR / ".github").rglob("*.yml")]


def package(folder, headers):
    """A package that is installed, with these lines in its metadata."""
    (folder / "one.dist-info").mkdir()
    (folder / "one.dist-info/METADATA").write_text(f"Metadata-Version: 2.4\nName: one\nVersion: 1.2\n{headers}\n")
    return {"one": PathDistribution(folder / "one.dist-info")}


@pytest.fixture
def pip_audit(tmp_path, monkeypatch):
    """A stand-in for pip-audit, for what it says where no database of PyPI's is."""

    def say(answers, code=0):
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin/pip-audit").write_text(f"#!/bin/sh\ncat <<'END'\n{answers}\nEND\nexit {code}\n")
        (tmp_path / "bin/pip-audit").chmod(0o755)
        monkeypatch.setattr(sys, "prefix", str(tmp_path))

    return say


@pytest.fixture
def database(monkeypatch):
    """A database on this machine that knows of one vulnerability, in Django."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = asked["package"]["name"]
            ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.1"}]}]
            affected = [{"package": {"name": name, "ecosystem": "PyPI"}, "ranges": ranges}]
            known = {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "summary": "All of it.", "affected": affected}
            body = json.dumps({"vulns": [known]} if name == "django" else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        monkeypatch.setenv("PIP_AUDIT_VULNERABILITY_SERVICE", "osv")
        monkeypatch.setenv("PIP_AUDIT_OSV_URL", f"http://127.0.0.1:{server.server_port}/")
        yield
        server.shutdown()


def audited(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["script/audit", *arguments])
    return AUDIT["main"]()


# Licences


def test_everything_that_is_installed_is_under_a_licence_that_is_allowed():
    assert AUDIT["licence_faults"](AUDIT["installed"](), AUDIT["PROJECT"]["tool"]["audit"]) == []
    assert AUDIT["font_faults"](AUDIT["FONTS"]) == []


def test_each_exception_says_why():
    assert [rule for rule in AUDIT["PROJECT"]["tool"]["audit"]["exceptions"] if not rule["why"].endswith(".")] == []


@pytest.mark.parametrize(
    "headers",
    [
        "License-Expression: MIT",
        "License-Expression: GPL-3.0-only OR MIT",
        "License-Expression: MIT AND BSD-3-Clause",
        "License: MIT License\nClassifier: License :: Other/Proprietary License",
        "License: Copyright somebody\n  All of the text\nClassifier: License :: OSI Approved :: MIT License",
        "Classifier: License :: OSI Approved :: MIT License",
    ],
)
def test_a_licence_is_what_a_package_says_first(tmp_path, headers):
    assert AUDIT["licence_faults"](package(tmp_path, headers), RULES) == []


@pytest.mark.parametrize(
    ("headers", "stated"),
    [
        ("License-Expression: GPL-3.0-only", "GPL-3.0-only"),
        ("License-Expression: MIT AND GPL-3.0-only", "MIT AND GPL-3.0-only"),
        ("License-Expression: (MIT OR ISC) AND GPL-3.0-only", "(MIT OR ISC) AND GPL-3.0-only"),
        (
            "Classifier: License :: OSI Approved :: MIT License\nClassifier: License :: OSI Approved :: Other",
            "MIT License, Other",
        ),
        ("Summary: none", "no licence"),
    ],
)
def test_a_licence_that_is_not_allowed_is_told(tmp_path, headers, stated):
    assert AUDIT["licence_faults"](package(tmp_path, headers), RULES) == [
        f"one states {stated}, which isn't among those that are allowed."
    ]


def test_an_exception_holds_for_what_the_package_states_and_no_longer_than_that(tmp_path):
    of_one = package(tmp_path, "License-Expression: GPL-3.0-only")

    def faults(packages, states):
        return AUDIT["licence_faults"](packages, {**RULES, "exceptions": [{"package": "one", "states": states}]})

    assert faults(of_one, "GPL-3.0-only") == []
    assert faults(of_one, "LGPL") == ["one states GPL-3.0-only; the exception is for LGPL."]
    assert faults({}, "GPL-3.0-only") == ["one, which has an exception for its licence, isn't installed."]


def test_an_exception_that_is_needed_no_more_is_told(tmp_path):
    rules = {**RULES, "exceptions": [{"package": "one", "states": "GPL-3.0-only"}]}

    assert AUDIT["licence_faults"](package(tmp_path, "License: MIT"), rules) == [
        "one needs no exception for its licence any more: it states MIT."
    ]


def test_a_font_that_says_nothing_of_the_open_font_licence_is_told(tmp_path):
    font = TTFont()
    font["name"] = newTable("name")
    font["name"].setName("All rights reserved.", 13, 3, 1, 0x409)
    font.save(tmp_path / "Own.woff")

    assert AUDIT["font_faults"]([tmp_path / "Own.woff"]) == [
        "Own.woff states All rights reserved. Only fonts under the SIL Open Font License are allowed."
    ]


# Vulnerabilities


@pytest.mark.process
@pytest.mark.usefixtures("database")
def test_what_a_database_knows_is_told_with_where_it_runs_and_what_mends_it(tmp_path):
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"django==5.2 \\\n    --hash=sha256:{'0' * 64}\nsegno==1.6 \\\n    --hash=sha256:{'0' * 64}\n")

    answers = AUDIT["asked"](lock)

    known = "PYSEC-2026-1, CVE-2026-1, fixed in 99.1."
    assert AUDIT["vulnerabilities"](answers, {"django"}) == [f"django 5.2: {known}"]
    assert AUDIT["vulnerabilities"](answers, set()) == [f"django 5.2, which only development needs: {known}"]
    assert AUDIT["unanswered"](answers) == []


def test_a_mirror_that_knows_packages_alone_is_not_taken_for_well():
    """As pip-audit says it, with an exit code of 0 and “No known vulnerabilities found”."""
    well, skipped = {"name": "segno", "version": "1", "vulns": []}, {"name": "django", "skip_reason": "Not found"}

    assert AUDIT["unanswered"]([skipped]) == [
        "The database knows none of the packages: perhaps a mirror answers, which has the packages alone."
    ]
    assert AUDIT["unanswered"]([skipped, well]) == ["The database doesn't know django."]


def test_the_exit_code_is_0_where_nothing_is_found(monkeypatch, capsys, pip_audit):
    pip_audit('{"dependencies": [{"name": "django", "version": "1", "vulns": []}]}')

    assert audited(monkeypatch) == 0
    assert capsys.readouterr().out.endswith("Licences:\n  each one is allowed.\nVulnerabilities:\n  none is known.\n")


def test_the_exit_code_is_1_for_what_is_found_whatever_else_is_not_known(monkeypatch, capsys, pip_audit):
    known = '{"name": "django", "version": "1", "vulns": [{"id": "A", "aliases": [], "fix_versions": []}]}'
    pip_audit(f'{{"dependencies": [{known}, {{"name": "segno", "skip_reason": ""}}]}}', code=1)

    assert audited(monkeypatch) == 1
    assert capsys.readouterr().out.endswith(
        "Vulnerabilities:\n  django 1: A, not fixed yet.\n  The database doesn't know segno.\n"
    )


def test_the_exit_code_is_3_where_nobody_could_be_asked(monkeypatch, capsys, pip_audit):
    """pip-audit ends in a traceback then, and with 1."""
    pip_audit("", code=1)

    assert audited(monkeypatch) == 3
    assert capsys.readouterr().out.endswith("  The database can't be reached from here: it said nothing\n")


@pytest.mark.parametrize("arguments", [["--all"], ["more"], ["--sbom"]])
def test_the_exit_code_is_2_for_wrong_arguments(monkeypatch, capsys, arguments):
    with pytest.raises(SystemExit) as ended:
        audited(monkeypatch, *arguments)

    assert ended.value.code == 2
    assert "script/audit: error: " in capsys.readouterr().err


# What there is


def test_the_list_of_parts_is_as_cyclonedx_asks_and_holds_what_runs_on_a_server(
    monkeypatch, capsys, pip_audit, tmp_path
):
    pip_audit('{"dependencies": []}')
    pins = LOCK["pins"](Path("requirements.txt").read_text())
    here = {name for name, found in pins.items() if any(pin.marker is None or pin.marker.evaluate() for pin in found)}

    assert audited(monkeypatch, "--sbom", str(tmp_path / "sbom.json")) == 0

    text = (tmp_path / "sbom.json").read_text()
    parts = {part["bom-ref"]: part for part in json.loads(text)["components"]}
    fonts = {font.name: font for font in Path("static/fonts").glob("*.wof*")}
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert set(parts) == here | set(fonts)
    assert parts["django"]["purl"].startswith("pkg:pypi/django@5")
    assert parts["django"]["licenses"] == [{"license": {"id": "BSD-3-Clause"}}]
    assert [name for name, part in parts.items() if not part.get("licenses") and name != "pyrage"] == []
    digest = hashlib.sha256(fonts["BCSans-Bold.woff"].read_bytes()).hexdigest()
    assert parts["BCSans-Bold.woff"]["hashes"] == [{"alg": "SHA-256", "content": digest}]
    assert parts["BCSans-Bold.woff"]["licenses"] == [{"license": {"id": "OFL-1.1"}}]
    needs = {one["ref"]: one.get("dependsOn", []) for one in json.loads(text)["dependencies"]}
    assert {"asgiref", "sqlparse"} <= set(needs["django"])
    assert {"django", "BCSans-Bold.woff"} <= set(needs["recommendation-tracker"])


def test_a_list_that_cannot_be_written_is_told(monkeypatch, capsys, pip_audit, tmp_path):
    pip_audit('{"dependencies": []}')

    assert audited(monkeypatch, "--sbom", str(tmp_path / "none/sbom.json")) == 2
    assert capsys.readouterr().err == f"{tmp_path}/none/sbom.json can't be written: No such file or directory.\n"


# What is installed


def test_packages_are_installed_as_wheels_whose_hash_is_locked():
    """By script/bootstrap alone, which the image, servers and CI use as well."""
    lines = {
        (path.name, line.strip())
        for path in INSTALLERS
        for line in path.read_text().replace("\\\n", " ").splitlines()
        if "pip install" in line and not line.lstrip().startswith("#")
    }

    ((name, line),) = lines
    assert name == "bootstrap"
    assert {"--require-hashes", "--only-binary"} <= set(line.split())
