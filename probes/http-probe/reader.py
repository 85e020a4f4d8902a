import time

# The bare module: importing `socket` costs more than the whole question.
import _socket

SECONDS = 3
HEAD_BYTES = 4096
HEADERS = 'Host: localhost\r\nUser-Agent: millwright\r\nAccept: */*\r\nConnection: close'


def read(params, host):
    endpoint = host.endpoint(params['endpoint'])
    port, path = endpoint['port'], endpoint['path']
    began = time.monotonic()
    status, error, head = get(port, path)
    facts = {
        'ok': status is not None and 200 <= status < 400,
        'status': status,
        'milliseconds': int((time.monotonic() - began) * 1000),
        'error': error,
    }
    return facts, f'GET http://127.0.0.1:{port}{path}\n{head}'


def get(port, path):
    """
    Written by hand: no redirects are followed, no proxy is asked, no name is looked up, and only the head is read.
    """
    try:
        head = exchange(port, f'GET {path} HTTP/1.1\r\n{HEADERS}\r\n\r\n'.encode())
    except ConnectionRefusedError:
        return None, 'refused', ''
    except TimeoutError:
        return None, 'timeout', ''
    except ConnectionResetError:
        return None, 'reset', ''
    except OSError:
        return None, 'other', ''
    words = head.split(None, 2)
    if len(words) > 1 and words[0].startswith('HTTP/') and words[1].isdigit() and 100 <= int(words[1]) <= 999:
        return int(words[1]), None, head
    return None, 'garbled', head


def exchange(port, question):
    connection = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    try:
        connection.settimeout(SECONDS)
        connection.connect(('127.0.0.1', port))
        connection.sendall(question)
        return read_head(connection)
    finally:
        connection.close()


def read_head(connection):
    ends = time.monotonic() + SECONDS
    received = b''
    while b'\r\n\r\n' not in received and len(received) < HEAD_BYTES:
        connection.settimeout(max(0.01, ends - time.monotonic()))
        part = connection.recv(1024)
        if not part:
            break
        received += part
    return received.split(b'\r\n\r\n')[0][:HEAD_BYTES].decode('latin-1')
