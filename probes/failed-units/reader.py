MAXIMUM = 100


def read(params, host):
    ran = host.run('/usr/bin/systemctl', 'list-units', '--failed', '--all', '--plain', '--no-legend', '--no-pager', '--full')
    if ran.code != 0:
        raise RuntimeError('systemd gave no answer')
    units = sorted(line.split()[0] for line in ran.output.splitlines() if line.strip())
    return {'units': units[:MAXIMUM], 'count': len(units)}, ran.output
