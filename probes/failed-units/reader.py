MAXIMUM = 100
LIST = ('list-units', '--failed', '--all', '--plain', '--no-legend', '--no-pager', '--full')


def read(params, host):
    ran = host.run('/usr/bin/systemctl', *LIST)
    if ran.code != 0:
        raise RuntimeError('systemd gave no answer')
    units = sorted(line.split()[0] for line in ran.output.splitlines() if line.strip())
    return {'units': units[:MAXIMUM], 'count': len(units)}, ran.output
