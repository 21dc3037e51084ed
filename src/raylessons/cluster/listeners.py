"""Where the servers of a Ray listen that this process has started."""

from dataclasses import dataclass
from ipaddress import ip_address


@dataclass(frozen=True)
class Listener:
    """A process that listens for others."""

    pid: int
    program: str
    host: str
    port: int

    @property
    def is_local(self) -> bool:
        """Tell whether only programs on this machine reach it.

        >>> [Listener(7, "raylet", host, 1).is_local for host in ("127.0.0.1", "::ffff:127.0.0.1")]
        [True, True]
        >>> [Listener(7, "raylet", host, 1).is_local for host in ("::1", "0.0.0.0", "10.0.0.2")]
        [True, False, False]
        """
        address = ip_address(self.host)
        return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def find_listeners() -> list[Listener]:
    """Find where this process listens, and those below it do."""
    import psutil  # Ray's own copy, which is to be found once Ray is imported

    above = psutil.Process()
    found = []
    for process in (above, *above.children(recursive=True)):
        try:
            connections = process.net_connections(kind="inet")
            program = process.name()
        except psutil.Error:  # it ended meanwhile
            continue
        found += [
            Listener(process.pid, program, each.laddr.ip, each.laddr.port)
            for each in connections
            if each.status == psutil.CONN_LISTEN
        ]
    return found
