"""A load balancer as small as can be: each connection goes to the next web server that takes it."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count

PIECE = 65536
CONNECT_S = 0.5


class _Balancer(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads, request_queue_size = True, True, 64

    def __init__(self, port: int, servers: tuple[int, ...]) -> None:
        super().__init__(("127.0.0.1", port), _Connection)
        self.servers, self.turn = servers, count()


class _Connection(socketserver.BaseRequestHandler):
    server: _Balancer

    def handle(self) -> None:
        behind = self._behind()
        if behind is None:
            return
        with closing(behind):
            back = threading.Thread(target=_pump, args=(behind, self.request))
            back.start()
            _pump(self.request, behind)
            back.join()

    def _behind(self) -> socket.socket | None:
        servers, first = self.server.servers, next(self.server.turn)
        for place in range(len(servers)):
            with suppress(OSError):
                found = socket.create_connection(("127.0.0.1", servers[(first + place) % len(servers)]), CONNECT_S)
                found.settimeout(None)
                return found
        return None


def _pump(from_: socket.socket, to: socket.socket) -> None:
    with suppress(OSError):
        while piece := from_.recv(PIECE):
            to.sendall(piece)
    with suppress(OSError):
        to.shutdown(socket.SHUT_WR)


@contextmanager
def balanced(port: int, servers: tuple[int, ...]) -> Iterator[None]:
    """What connects to `port` reaches one of the servers that run."""
    with _Balancer(port, servers) as balancer:
        thread = threading.Thread(target=balancer.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield
        finally:
            balancer.shutdown()
            thread.join()
