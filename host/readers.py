"""Runs readers, each in a process of its own that can neither write nor outlive its time, a few at once."""
import importlib.util
import json
import os
import select
import signal
import time

from answer import MAXIMUM_FACTS, clock, cut, encode, shorten
from confine import confine
from host import MAXIMUM_OUTPUT, CannotTell

MAXIMUM_AT_ONCE = 8
BATCH_SECONDS = 20
# What a reader's process may hand over: facts and an excerpt that is shortened later, as JSON.
MAXIMUM_HANDED_OVER = 2 * MAXIMUM_OUTPUT
MAXIMUM_MESSAGE = 500
# For a reader that was told to end.
PATIENCE_SECONDS = 1


class Running:
    def __init__(self, request, pid, descriptor, seconds):
        now = time.monotonic()
        self.request = request
        self.pid = pid
        self.descriptor = descriptor
        self.began = now
        self.deadline = now + seconds
        self.parts = bytearray()


def load_reader(path):
    spec = importlib.util.spec_from_file_location('reader', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_all(requests, schema, folder, host):
    """Answers in the order of the requests. Takes at most BATCH_SECONDS, whatever the readers do."""
    ends = time.monotonic() + BATCH_SECONDS
    answers = {}
    waiting = list(enumerate(requests))
    running = {}
    while waiting or running:
        while waiting and len(running) < MAXIMUM_AT_ONCE:
            at, request = waiting.pop(0)
            seconds = min(schema['probes'][request['probe']]['timeoutSeconds'], ends - time.monotonic())
            running[at] = start(request, folder, host, seconds)
        for at in finished(running):
            one = running.pop(at)
            answers[at] = ended(one)
    return [answers[at] for at in range(len(requests))]


def start(request, folder, host, seconds):
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reads)
        child(request, folder, host, writes, max(1, int(seconds)))
    os.close(writes)
    return Running(request, pid, reads, seconds)


def child(request, folder, host, writes, seconds):
    try:
        os.setsid()
        null = os.open('/dev/null', os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        signal.alarm(0)
        confine(seconds)
        send(writes, encode(read(request, folder, host)))
    except BaseException:
        # The parent sees an answer that is no JSON and says "broken".
        pass
    finally:
        os._exit(0)


def read(request, folder, host):
    try:
        reader = load_reader(os.path.join(folder, f'{request["probe"]}.py'))
        facts, excerpt = reader.read(request['params'], host)
        if len(encode(facts)) > MAXIMUM_FACTS:
            return broken('its facts are too large')
        text = excerpt.encode('utf-8', 'replace').decode('utf-8')
        kept, truncated = shorten(text, MAXIMUM_OUTPUT)
        return {'outcome': 'ok', 'facts': facts, 'excerpt': kept, 'truncated': truncated}
    except CannotTell as problem:
        return broken(str(problem))
    except Exception as problem:
        return broken(f'its reader failed: {type(problem).__name__}: {problem}')


def broken(message):
    return {'outcome': 'broken', 'message': cut(message, MAXIMUM_MESSAGE).encode('utf-8', 'replace').decode('utf-8')}


def send(descriptor, text):
    # A file's name need not be text; one of them must not take the whole answer away.
    data = memoryview(text.encode('utf-8', 'replace'))
    while data:
        data = data[os.write(descriptor, data) :]


def finished(running):
    """Reads what there is; the numbers of those that ended, whose time is over, or who said too much."""
    left = min(one.deadline for one in running.values()) - time.monotonic()
    ready = select.select([one.descriptor for one in running.values()], [], [], max(0, left))[0]
    done = []
    for at, one in running.items():
        over = time.monotonic() >= one.deadline
        if one.descriptor in ready:
            part = os.read(one.descriptor, 65536)
            one.parts += part
            over = over or not part or len(one.parts) > MAXIMUM_HANDED_OVER
        if over:
            done.append(at)
    return done


def ended(one):
    # The group holds whatever the reader has started; by now nothing of it is wanted any more.
    try:
        os.killpg(one.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    os.close(one.descriptor)
    reap(one.pid)
    milliseconds = int((time.monotonic() - one.began) * 1000)
    return {**one.request, 'clock': clock(), 'milliseconds': milliseconds, **outcome(one)}


def reap(pid):
    """Not even SIGKILL ends who waits for a file system that does not answer: the others are not kept waiting."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while os.waitpid(pid, os.WNOHANG) == (0, 0) and time.monotonic() < ends:
        time.sleep(0.001)


def outcome(one):
    try:
        return json.loads(one.parts)
    except ValueError:
        if time.monotonic() >= one.deadline:
            return {'outcome': 'timeout', 'message': f'no answer within {one.deadline - one.began:.0f} s'}
        return broken('its reader ended without an answer')
