"""Taking a port for one of the stack's own servers."""

import os
import socket

from kfi_stack.errors import StackError


def listen(host: str, port: int, server: str) -> socket.socket:
    """Returns a listening socket, or raises StackError naming the server and the address it cannot have."""
    try:
        return socket.create_server((host, port))
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise StackError(f"{server} cannot listen on {host}:{port} ({reason}): give it another port.") from error
