"""Reads one request and refuses whatever is not exactly one. Nothing of a refused request is repeated to anybody."""
import json
import os
import re
import select
import time

MAXIMUM_REQUEST_BYTES = 64 * 1024
MAXIMUM_REQUESTS = 64
MAXIMUM_DEPTH = 6
MAXIMUM_TEXT = 1024
MAXIMUM_INTEGER = 2**53 - 1
READ_SECONDS = 5

DIGEST = re.compile(r'[0-9a-f]{64}')
PROBE_NAME = re.compile(r'[a-z][a-z0-9-]{0,62}')


class Denied(Exception):
    """The whole request is refused. `code` is for programs, the message for people."""

    def __init__(self, code, message, **details):
        super().__init__(message)
        self.code = code
        self.details = details


def read_bytes(descriptor):
    """Everything up to the end of input, within the size and the time that a request may have."""
    deadline = time.monotonic() + READ_SECONDS
    parts = []
    size = 0
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([descriptor], [], [], left)[0]:
            raise Denied('slow-request', f'the request did not end within {READ_SECONDS} s')
        part = os.read(descriptor, 65536)
        if not part:
            return b''.join(parts)
        size += len(part)
        if size > MAXIMUM_REQUEST_BYTES:
            raise Denied('too-large', f'a request has at most {MAXIMUM_REQUEST_BYTES} bytes')
        parts.append(part)


def parse(raw):
    """The request's envelope, checked. Raises Denied, and nothing else, whatever the bytes are."""
    if not raw.strip():
        raise Denied('empty', 'nothing was asked')
    try:
        text = raw.decode('utf-8')
    except UnicodeDecodeError:
        raise Denied('not-utf8', 'the request is not UTF-8 text') from None
    check_depth(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=closed_object,
            parse_float=refuse_number,
            parse_constant=refuse_number,
            parse_int=bounded_integer,
        )
    except Denied:
        raise
    except (ValueError, RecursionError):
        raise Denied('not-json', 'the request is not one JSON value') from None
    check_texts(value)
    return check_envelope(value)


def check_depth(text):
    depth = 0
    inside = escaped = False
    for character in text:
        if inside:
            if escaped:
                escaped = False
            elif character == '\\':
                escaped = True
            elif character == '"':
                inside = False
        elif character == '"':
            inside = True
        elif character in '[{':
            depth += 1
            if depth > MAXIMUM_DEPTH:
                raise Denied('too-deep', f'a request nests at most {MAXIMUM_DEPTH} levels')
        elif character in ']}':
            depth -= 1


def closed_object(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Denied('duplicate-key', 'a key stands twice in one object')
    return found


def refuse_number(_text):
    raise Denied('bad-number', 'numbers are whole numbers')


def bounded_integer(text):
    if len(text) > 17 or abs(int(text)) > MAXIMUM_INTEGER:
        raise Denied('bad-number', 'a number is out of range')
    return int(text)


def check_texts(value):
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, list):
        for item in value:
            check_texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            check_text(key)
            check_texts(item)


def check_text(text):
    if len(text) > MAXIMUM_TEXT:
        raise Denied('too-long', f'a text has at most {MAXIMUM_TEXT} characters')
    for character in text:
        code = ord(character)
        if code < 32 or 127 <= code < 160 or 0xD800 <= code <= 0xDFFF:
            raise Denied('control-character', 'a text holds a control character')


def check_envelope(value):
    require_keys(value, {'version', 'schema', 'requests'}, 'the request')
    if type(value['version']) is not int or value['version'] != 1:
        raise Denied('bad-version', 'only version 1 is spoken here')
    if not isinstance(value['schema'], str) or not DIGEST.fullmatch(value['schema']):
        raise Denied('bad-schema', 'the schema is named by its SHA-256')
    requests = value['requests']
    if not isinstance(requests, list) or not 1 <= len(requests) <= MAXIMUM_REQUESTS:
        raise Denied('bad-count', f'1 to {MAXIMUM_REQUESTS} probes are asked at once')
    for one in requests:
        require_keys(one, {'probe', 'params'}, 'a probe')
        if not isinstance(one['probe'], str) or not PROBE_NAME.fullmatch(one['probe']):
            raise Denied('bad-probe', 'a probe is named in lower case with dashes')
        if not isinstance(one['params'], dict) or len(one['params']) > 8:
            raise Denied('bad-params', 'params are an object of at most 8 values')
    return value


def require_keys(value, keys, what):
    if not isinstance(value, dict) or set(value) != keys:
        raise Denied('bad-keys', f'{what} has exactly the keys {", ".join(sorted(keys))}')


def problem(request, schema, declaration):
    """Why this one probe is refused, in words; None when it may run."""
    probe = schema['probes'].get(request['probe'])
    if probe is None:
        return 'there is no probe of that name'
    expected = probe['params']
    if set(request['params']) != set(expected):
        return f'its parameters are exactly: {", ".join(sorted(expected)) or "none"}'
    for name, value in request['params'].items():
        wrong = value_problem(expected[name], value, declaration)
        if wrong is not None:
            return f'{name}: {wrong}'
    return None


def value_problem(expected, value, declaration):
    kind = expected['type']
    if kind == 'boolean':
        return None if isinstance(value, bool) else 'true or false is expected'
    if kind == 'integer':
        good = type(value) is int and expected['minimum'] <= value <= expected['maximum']
        return None if good else f'a whole number from {expected["minimum"]} to {expected["maximum"]} is expected'
    if kind == 'enum':
        return None if isinstance(value, str) and value in expected['values'] else 'it is not one of the known values'
    if kind == 'declared':
        known = declaration.names(expected['kind'])
        return None if isinstance(value, str) and value in known else f'this host declares no such {expected["kind"]}'
    return 'this host does not know that kind of parameter'
