def read(params, host):
    ports = sorted(host.unit(params['unit']).get('ports', []))
    ran = host.run('/usr/bin/ss', '--no-header', '--tcp', '--numeric', 'state', 'established')
    if ran.code != 0:
        raise RuntimeError('ss gave no answer')
    found = [one for one in (parse(line) for line in ran.output.splitlines()) if one is not None and one[0] in ports]
    peers = [peer for _, peer in found]
    own = [peer for peer in peers if peer.startswith('127.') or peer == '::1']
    facts = {
        'ports': ports,
        'established': len(peers),
        'peers': len(set(peers) - set(own)) + (1 if own else 0),
        'fromItself': len(own),
    }
    # No address leaves: who they are is nobody's business here.
    return facts, ''


def parse(line):
    """The local port and the other side's address; None for what is no connection."""
    words = line.split()
    if len(words) < 4:
        return None
    port = words[2].rsplit(':', 1)[-1]
    address = words[3].rsplit(':', 1)[0].strip('[]').split('%')[0]
    if address.startswith('::ffff:'):
        address = address[len('::ffff:') :]
    return (int(port), address) if port.isdigit() and len(port) < 6 else None
