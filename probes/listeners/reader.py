import re

MAXIMUM = 100
LOOPBACK = {'127.0.0.1', '[::1]', '[::ffff:127.0.0.1]'}


def read(params, host):
    unit = params['unit']
    expected = sorted(host.unit(unit).get('ports', []))
    ran = host.run('/usr/bin/ss', '--no-header', '--tcp', '--listening', '--numeric', '--extended', '--cgroup')
    if ran.code != 0:
        raise RuntimeError('ss gave no answer')
    held = holders(ran.output)
    listening = [port for port in expected if port in held]
    others = [port for port in listening if held[port] - {unit, None, socket_of(unit)}]
    undeclared = sorted(port for port, names in held.items() if unit in names and port not in expected)[:MAXIMUM]
    facts = {
        'expected': expected,
        'listening': listening,
        'missing': [port for port in expected if port not in held],
        'undeclared': undeclared,
        'loopbackOnly': [port for port in listening if places(ran.output, port) <= LOOPBACK],
        'allListening': all(port in held for port in expected),
        'holders': [f'{port} {name or "unknown"}' for port in listening for name in sorted(held[port], key=str)],
        'heldByOthers': others,
        'taken': True if others else None if any(None in held[port] for port in listening) else False,
    }
    shown = [line for line in ran.output.splitlines() if port_of(line) in {*expected, *undeclared}]
    return facts, '\n'.join(shown)


def holders(output):
    """
    By port: the units (or scopes) whose control groups made the listening sockets; None for one that can't be seen.
    """
    found = {}
    for line in output.splitlines():
        port = port_of(line)
        if port is not None:
            group = re.search(r' cgroup:(\S+)', line)
            found.setdefault(port, set()).add(unit_of(group.group(1)) if group else None)
    return found


def port_of(line):
    words = line.split()
    text = words[3].rsplit(':', 1)[-1] if len(words) > 3 else ''
    return int(text) if text.isdigit() else None


def places(output, port):
    """Addresses at which a port is listened on."""
    return {line.split()[3].rsplit(':', 1)[0] for line in output.splitlines() if port_of(line) == port}


def unit_of(group):
    """
    The innermost part that is a unit. A group without one, also one that can't be reached from here, is no unit's:
    its own name.
    """
    units = [part for part in group.split('/') if re.search(r'\.(service|scope|socket)$', part)]
    return units[-1] if units else group


def socket_of(unit):
    """systemd itself holds the socket of a socket-activated unit."""
    return unit.rsplit('.', 1)[0] + '.socket'
