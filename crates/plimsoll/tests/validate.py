"""Asks the validators of each format's own people about every file named: what is wrong goes to
standard output, one line each, and makes the exit status 1. What a file is, its ending says.

    validate.py SARIF_SCHEMA GITHUB_SCHEMA FILE...
"""

import csv
import json
import sys
import xml.etree.ElementTree


def cyclonedx(path):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(read(path))
    return [str(error)] if error else []


def spdx(path):
    from spdx_tools.spdx.parser.error import SPDXParsingError
    from spdx_tools.spdx.parser.parse_anything import parse_file
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

    try:
        document = parse_file(path)
    except SPDXParsingError as error:
        return error.get_messages()
    return [it.validation_message for it in validate_full_spdx_document(document, "SPDX-2.3")]


def sarif(path):
    import jsonschema

    schema = json.loads(read(sys.argv[1]))
    return against(jsonschema.validators.validator_for(schema), schema, path)


def github(path):
    import jsonschema

    # The schemas of OpenAPI 3.0 are those of this draft, but for `nullable`, which only allows more.
    return against(jsonschema.Draft4Validator, json.loads(read(sys.argv[2])), path)


def against(validator, schema, path):
    checked = validator(schema, format_checker=validator.FORMAT_CHECKER)
    return [f"{it.json_path} {it.message}" for it in checked.iter_errors(json.loads(read(path)))]


def openvex(path):
    from vexipy import Document

    try:
        Document.from_json(read(path))
    except ValueError as error:
        return [str(error)]
    return []


def junit(path):
    root = xml.etree.ElementTree.parse(path).getroot()
    faults = []
    for name, tag in [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]:
        counted = len(root.findall(f".//{tag}"))
        if counted != int(root.get(name)):
            faults.append(f"{name} is {root.get(name)}, but there are {counted}")
    return faults


def table(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file, strict=True))
    wrong = [f"row {number} has {len(row)} cells" for number, row in enumerate(rows) if len(row) != len(rows[0])]
    starts = ("=", "+", "-", "@", "\t", "\r")
    return wrong + [f"{cell!r} is a formula" for row in rows for cell in row if cell.startswith(starts)]


def html(path):
    import html5lib

    parser = html5lib.HTMLParser()
    parser.parse(read(path))
    return [f"{position}: {code} {data}" for position, code, data in parser.errors]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


VALIDATORS = {
    ".cdx.json": cyclonedx,
    ".spdx.json": spdx,
    ".spdx": spdx,
    ".sarif": sarif,
    ".github.json": github,
    ".openvex.json": openvex,
    ".junit.xml": junit,
    ".csv": table,
    ".html": html,
}

failed = False
for path in sys.argv[3:]:
    for ending, validator in VALIDATORS.items():
        if path.endswith(ending):
            for fault in validator(path)[:20]:
                print(f"{path}: {fault}")
                failed = True
            break
    else:
        sys.exit(f"{path}: no validator for this ending")
sys.exit(1 if failed else 0)
