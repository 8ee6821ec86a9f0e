"""Documents against the schemas in tests/schemas: the part of JSON Schema that these use, and no other word."""
import json
import os
import re

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "schemas")
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}


def is_type(value, name):
    return isinstance(value, TYPES[name]) and not (name == "integer" and isinstance(value, bool))


def check_type(value, names, schema):
    del schema
    return any(is_type(value, name) for name in ([names] if isinstance(names, str) else names))


def check_additional(value, allowed, schema):
    return allowed or not isinstance(value, dict) or set(value) <= set(schema["properties"])


RULES = {
    "type": check_type,
    "enum": lambda value, allowed, _: value in allowed,
    "pattern": lambda value, form, _: not isinstance(value, str) or re.search(form, value),
    "minimum": lambda value, least, _: not is_type(value, "integer") or value >= least,
    "minLength": lambda value, least, _: not isinstance(value, str) or len(value) >= least,
    "minItems": lambda value, least, _: not isinstance(value, list) or len(value) >= least,
    "maxItems": lambda value, most, _: not isinstance(value, list) or len(value) <= most,
    "required": lambda value, names, _: not isinstance(value, dict) or all(name in value for name in names),
    "additionalProperties": check_additional,
    "properties": lambda *_: True,
    "items": lambda *_: True,
    "$comment": lambda *_: True,
}


def faults(value, schema, where="$"):
    """each place where a value is not as the schema says"""
    for word, wanted in schema.items():
        if not RULES[word](value, wanted, schema):
            yield f"{where}: {word} {wanted}, and it is {json.dumps(value)[:200]}"
    if isinstance(value, dict):
        for key, inner in schema.get("properties", {}).items():
            if key in value:
                yield from faults(value[key], inner, f"{where}.{key}")
    if isinstance(value, list) and "items" in schema:
        for index, inner in enumerate(value):
            yield from faults(inner, schema["items"], f"{where}[{index}]")


def load(name):
    with open(f"{FOLDER}/{name}.json", encoding="utf-8") as text:
        return json.load(text)
