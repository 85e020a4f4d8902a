import os
import select
import socket
import time

# As the C library takes them.
MAXIMUM = 3
SECONDS = 1
PORT = 53
# One question, for the name servers of the root: header (recursion wanted, one question), the root's name, NS, IN.
QUESTION = b'\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01'


def read(params, host):
    servers = configured(host.text('/etc/resolv.conf') or '')
    answered = answering(servers)
    silent = [server for server in servers if server not in answered]
    facts = {'servers': servers, 'silent': silent}
    return facts, '\n'.join(f'{server} {"does not answer" if server in silent else "answers"}' for server in servers)


def configured(text):
    found = []
    for words in (line.split() for line in text.splitlines()):
        if len(words) >= 2 and words[0] == 'nameserver' and address(words[1]) is not None:
            found.append(words[1])
    return list(dict.fromkeys(found))[:MAXIMUM]


def address(text):
    """Family and address of a number; None for a name: nothing is looked up here."""
    try:
        family, _, _, _, place = socket.getaddrinfo(text, PORT, 0, socket.SOCK_DGRAM, 0, socket.AI_NUMERICHOST)[0]
        return family, place
    except (OSError, UnicodeError):
        return None


def answering(servers):
    """Any answer to our own question counts, a refusal as well. Each is asked once."""
    number = os.urandom(2)
    waiting = {}
    try:
        for server in servers:
            family, place = address(server)
            try:
                one = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
            except OSError:
                # A host without IPv6 has no socket for such an address, and still asks the others.
                continue
            waiting[one] = server
            try:
                one.connect(place)
                one.send(number + QUESTION)
            except OSError:
                del waiting[one]
                one.close()
        return heard(waiting, number, time.monotonic() + SECONDS)
    finally:
        for one in waiting:
            one.close()


def heard(waiting, number, ends):
    found, open_ones = set(), set(waiting)
    while open_ones:
        ready = select.select(list(open_ones), [], [], max(0, ends - time.monotonic()))[0]
        if not ready:
            break
        for one in ready:
            open_ones.discard(one)
            try:
                if one.recv(512)[:2] == number:
                    found.add(waiting[one])
            except OSError:
                continue
    return found
