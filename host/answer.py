"""
Makes answers that fit: at most 64 KiB each and 256 KiB together, head and tail kept, with a digest over what was
sent.
"""
import hashlib
import json
import time

MAXIMUM_ANSWER = 64 * 1024
MAXIMUM_PACK = 256 * 1024
MAXIMUM_FACTS = 32 * 1024
# Around the excerpt: keys, digest, clock. Facts are counted by themselves.
ENVELOPE = 2 * 1024
SMALLEST_EXCERPT = 512
# Of a word that is longer, so many characters go where it was torn.
TORN = 1024


def encode(value):
    """Canonical JSON: one text per value, the same that the other end makes."""
    return json.dumps(plain(value), sort_keys=True, separators=(',', ':'), ensure_ascii=False, allow_nan=False)


def plain(value):
    """A whole number is written without a fraction: JavaScript knows no other way, and would see another text."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def size(text):
    return len(json.dumps(text, ensure_ascii=False).encode('utf-8', 'replace'))


def shorten(text, limit):
    """The text's beginning and end, together at most `limit` bytes as JSON, and whether anything was left out."""
    if size(text) <= limit:
        return text, False
    keep = limit // 2
    head, tail = text[:keep], text[-keep:]
    while size(head) + size(tail) + 64 > limit and keep > 0:
        keep = keep * 3 // 4
        head, tail = text[:keep], text[len(text) - keep :]
    head, tail = untorn(head), untorn(tail[::-1])[::-1]
    return f'{head}\n… {len(text) - len(head) - len(tail)} characters left out …\n{tail}', True


def untorn(text):
    """The text without the word at its end, which goes on after it: half of a secret is not recognised as one."""
    end = text[-TORN:]
    spaces = [at for at, letter in enumerate(end) if letter.isspace()]
    return text[: len(text) - len(end) + (spaces[-1] if spaces else 0)]


def cut(text, most):
    """The text's beginning, at most so many characters; not the word that goes on after them."""
    return text if len(text) <= most else untorn(text[:most])


def clock():
    now = time.time_ns() // 1_000_000
    return f'{time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now // 1000))}.{now % 1000:03d}Z'


def seal(answer):
    """The answer with a digest over everything else in it."""
    return {**answer, 'digest': hashlib.sha256(encode(answer).encode('utf-8')).hexdigest()}


def pack(answers):
    """All answers sealed, excerpts shortened evenly until they fit together."""
    limit = MAXIMUM_ANSWER - MAXIMUM_FACTS - ENVELOPE
    while True:
        sealed = [seal(with_excerpt(answer, limit)) for answer in answers]
        if limit <= SMALLEST_EXCERPT or sum(len(encode(one).encode('utf-8')) for one in sealed) <= MAXIMUM_PACK:
            return sealed
        limit = limit * 3 // 4


def with_excerpt(answer, limit):
    if 'excerpt' not in answer:
        return answer
    excerpt, truncated = shorten(answer['excerpt'], limit)
    return {**answer, 'excerpt': excerpt, 'truncated': answer['truncated'] or truncated}
