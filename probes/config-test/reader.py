import re

# Where nginx says in which file and line it stumbled.
PLACE = re.compile(r'^(?P<message>.*) in (?P<file>/[^:]*):(?P<line>\d+)$')
DENIED = 'Permission denied'


def read(params, host):
    tester = host.unit(params['unit']).get('tester', 'none')
    test = {'nginx': nginx, 'sshd': sshd}.get(tester)
    if test is None:
        return facts(tester, None, 'no program can test the configuration of this unit'), ''
    return test(host)


def facts(tester, valid, message=None, file=None, line=None):
    refused = None if valid is None and tester != 'none' else valid is False
    return {'tester': tester, 'valid': valid, 'refused': refused, 'message': message, 'file': file, 'line': line}


def nginx(host):
    """
    Run without privilege, `nginx -t` reads the whole configuration, says so, and then fails to open its pid file: that it
    came so far is the answer. What it would open after that (log files, sockets) is not tried, and nothing can be written
    on the way. Where only root may read, the answer is unknown.
    """
    ran = host.run('/usr/sbin/nginx', '-t')
    fatal = [without_clock(line) for line in ran.errors.splitlines() if '[emerg]' in line]
    accepted = 'syntax is ok' in ran.errors
    if ran.code == 0 or (accepted and all(DENIED in line for line in fatal)):
        return facts('nginx', True), ran.errors
    if not fatal:
        return facts('nginx', None, 'nginx ended without saying why'), ran.errors
    place = PLACE.match(fatal[0])
    valid = None if DENIED in fatal[0] else False
    if place is None:
        return facts('nginx', valid, fatal[0]), ran.errors
    return facts('nginx', valid, place.group('message'), place.group('file'), int(place.group('line'))), ran.errors


def without_clock(line):
    return re.sub(r'^.*?\[emerg\] (\d+#\d+: )?', '', line.removeprefix('nginx: '))


def sshd(host):
    """Without privilege sshd can't read its host keys, which it says only after the configuration was accepted."""
    ran = host.run('/usr/sbin/sshd', '-t')
    lines = [line for line in ran.errors.splitlines() if line.strip()]
    if ran.code == 0 or (lines and 'no hostkeys available' in lines[-1]):
        return facts('sshd', True), ran.errors
    place = re.match(r'(?P<file>/[^\s:]+):? line (?P<line>\d+): (?P<message>.*)', lines[0]) if lines else None
    if place is None:
        return facts('sshd', None, lines[0] if lines else None), ran.errors
    return facts('sshd', False, place.group('message'), place.group('file'), int(place.group('line'))), ran.errors
