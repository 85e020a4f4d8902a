import json

MAXIMUM = 20
IP = '/usr/sbin/ip'
REFUSING = ('blackhole', 'unreachable', 'prohibit', 'throw')


def read(params, host):
    interfaces = [one for one in asked(host, '-json', '-statistics', 'address', 'show') if one.get('ifname') != 'lo']
    routes = asked(host, '-json', 'route', 'show')
    refused = [one for one in routes if one.get('type') in REFUSING]
    default = next((one for one in routes if one.get('dst') == 'default' and one not in refused), None)
    facts = {
        'down': [f'{name(one)} down' for one in interfaces if one.get('operstate') == 'DOWN'][:MAXIMUM],
        'losing': [f'{name(one)}: {errors(one)} errors' for one in interfaces if errors(one) > 0][:MAXIMUM],
        'addresses': [text for one in interfaces for text in addresses(one)][:MAXIMUM],
        'defaultRoute': None if default is None else way(default),
        'refusing': [f'{one["type"]} {one.get("dst", "?")}'[:100] for one in refused][:MAXIMUM],
    }
    return facts, '\n'.join(f'{key} {value}' for key, value in facts.items())


def asked(host, *words):
    """The objects that `ip` answers with; none where it says nothing."""
    ran = host.run(IP, *words, seconds=3)
    if ran.code != 0:
        raise RuntimeError('ip gave no answer')
    found = json.loads(ran.output or '[]')
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def way(route):
    return f'{route.get("gateway", "direct")} {route.get("dev", "?")}'[:100]


def name(interface):
    return str(interface.get('ifname', '?'))[:40]


def addresses(interface):
    for one in interface.get('addr_info', []):
        if one.get('scope') != 'link' and 'local' in one:
            yield f'{name(interface)} {one["local"]}/{one.get("prefixlen", "?")}'[:100]


def errors(interface):
    counted = interface.get('stats64', {})
    return sum(counted.get(way, {}).get('errors', 0) for way in ('rx', 'tx'))
