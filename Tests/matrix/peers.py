# SPDX-License-Identifier: Apache-2.0
"""The peers: what is on the other side of a socket in each column of the matrix.

Of `bind` the peer is who connects, or who has the address.
"""

import zmq
from zmq.utils.monitor import recv_monitor_message

import network
from experimance_zmq.testing import Direction, FaultCount, FaultProxy
from operations import PATIENCE_MS, Operation
from processes import PATIENCE, Door, LineProcess, Trouble
from stage import Stage

# For so long a call is seen to wait before what it waits for happens. A call that is back by then was not kept waiting.
MOMENT = 0.15
# In a network of our own nobody else has it.
SOME_PORT = 20000
ANYWHERE = "tcp://127.0.0.1:*"


class Peer:
    """A peer; what it does is in the classes below."""

    # Whether it is a good one at first, and the link is up before something happens to it.
    links_first = False

    def __init__(self, stage: Stage, operation: Operation, door: Door) -> None:
        self.stage = stage
        self.operation = operation
        self.door = door

    def start(self) -> str:
        """The peer is there; where."""
        raise NotImplementedError

    def strike(self) -> None:
        """What happens to it before the call."""

    def meanwhile(self) -> None:
        """What happens while the call is made."""

    def settle(self) -> None:
        """What happens after the call, before the socket is used with a good peer."""

    def address(self) -> str:
        """Where a bind goes to."""
        return ANYWHERE

    def while_binding(self) -> None:
        """What happens while a bind is made."""

    def knock(self, endpoint: str) -> None:
        """Comes to a socket that is bound."""

    def tell(self, peer: LineProcess) -> None:
        """Tells the peer what it has to do for the call to succeed, until that is over: the link may still be on its
        way."""
        while not self.door.has_answered(0.05):
            if self.operation.told:
                peer.tell(self.operation.told)


class Absent(Peer):
    """Nobody has ever been there: an ipc path that does not exist."""

    def start(self) -> str:
        return self.stage.missing_path()


class Refusing(Peer):
    """The host is there, and nothing listens."""

    def start(self) -> str:
        return self.stage.reserved_port()


class Late(Refusing):
    """Binds while the call waits."""

    def start(self) -> str:
        self.endpoint = super().start()
        return self.endpoint

    def meanwhile(self) -> None:
        if not self.door.has_answered(MOMENT):
            self.tell(self.stage.peer(self.operation.peer, self.endpoint)[0])


class Misbehaving(Peer):
    """A server that does something wrong, or a client that says it."""

    manner = "silent"
    says = b""

    def start(self) -> str:
        return self.stage.misbehaving(self.manner)

    def knock(self, endpoint: str) -> None:
        self.stage.client(endpoint, self.says)


class Http(Misbehaving):
    manner = "http"
    says = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


class Zmtp1(Misbehaving):
    """An anonymous greeting, and a message of the version that had no other."""

    manner = "zmtp1"
    says = b"\x01\x00\x05\x00news"


class WrongType(Peer):
    def start(self) -> str:
        return self.stage.peer(self.operation.wrong)[1]

    def knock(self, endpoint: str) -> None:
        client = self.stage.foreign(zmq.SUB)
        monitor = client.get_monitor_socket()
        monitor.setsockopt(zmq.RCVTIMEO, client.getsockopt(zmq.RCVTIMEO))
        client.connect(endpoint)
        over = (zmq.EVENT_DISCONNECTED, zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL, zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL)
        while recv_monitor_message(monitor)["event"] not in over:
            continue
        client.disable_monitor()


class Proxied(Peer):
    """A good peer behind a fault proxy."""

    def proxy_to_peer(self) -> FaultProxy:
        self.peer, endpoint = self.stage.peer(self.operation.peer)
        self.proxy = self.stage.proxy(endpoint)
        return self.proxy

    def start(self) -> str:
        return self.proxy_to_peer().endpoint

    def knock(self, endpoint: str) -> None:
        self.proxy = self.stage.proxy(endpoint)
        self.afflict()
        client = self.stage.foreign(zmq.PUSH)
        client.connect(self.proxy.endpoint)
        client.send(b"through the proxy")

    def afflict(self) -> None:
        """The fault that is there from the beginning."""

    def await_connections(self, count: int) -> None:
        """Waits until the proxy has accepted so many."""
        self.proxy.wait(FaultCount.CONNECTIONS, count, timeout=PATIENCE)

    def meanwhile(self) -> None:
        self.tell(self.peer)


class ResetInHandshake(Proxied):
    def start(self) -> str:
        endpoint = super().start()
        self.afflict()
        return endpoint

    def afflict(self) -> None:
        # In the middle of a greeting.
        self.proxy.reset(after_bytes=30)

    def knock(self, endpoint: str) -> None:
        super().knock(endpoint)
        # It has come again, so it has been reset.
        self.await_connections(2)


class ResetInStream(Proxied):
    links_first = True

    def strike(self) -> None:
        if self.operation.verb != "connect":
            self.proxy.drop()

    def settle(self) -> None:
        if self.operation.verb == "connect":
            self.proxy.drop()
            self.await_connections(2)

    def knock(self, endpoint: str) -> None:
        super().knock(endpoint)
        self.door.must("recv", timeout_ms=PATIENCE_MS)
        self.proxy.drop()
        self.await_connections(2)


class Slicer(Proxied):
    def start(self) -> str:
        endpoint = super().start()
        self.afflict()
        return endpoint

    def afflict(self) -> None:
        self.proxy.slice(1)

    def knock(self, endpoint: str) -> None:
        super().knock(endpoint)
        self.door.must("recv", timeout_ms=PATIENCE_MS)


class Corrupting(Proxied):
    """Every byte that comes from it has a bit flipped: of a stream that was a good one, or from the first byte on where
    a link is made."""

    links_first = True

    def strike(self) -> None:
        self.proxy.corrupt(1, direction=Direction.TO_CLIENT)

    def afflict(self) -> None:
        self.proxy.corrupt(1, direction=Direction.TO_TARGET)

    def knock(self, endpoint: str) -> None:
        super().knock(endpoint)
        self.await_connections(1)


class UnresolvedName(Peer):
    def start(self) -> str:
        return f"tcp://{self.stage.names.new()}:{network.port_of(self.stage.reserved_port())}"

    def address(self) -> str:
        return f"tcp://{self.stage.names.new()}:0"


class SlowName(Peer):
    """Its name resolves when the time is up."""

    def start(self) -> str:
        return self.named(network.port_of(self.stage.peer(self.operation.peer)[1]))

    def address(self) -> str:
        return self.named("0")

    def named(self, port: str) -> str:
        self.name = self.stage.names.new()
        self.stage.names.hold(self.name)
        return f"tcp://{self.name}:{port}"

    def settle(self) -> None:
        self.stage.names.release(self.name, "127.0.0.1")


class MovingName(Peer):
    """It ends, and while the call waits another one is there at another address, and has the name."""

    links_first = True

    def start(self) -> str:
        self.peer, endpoint = self.stage.peer(self.operation.peer, "tcp://127.0.0.2:*")
        self.port = network.port_of(endpoint)
        self.name = self.stage.names.new()
        self.stage.names.move(self.name, "127.0.0.2")
        return f"tcp://{self.name}:{self.port}"

    def strike(self) -> None:
        self.peer.kill()

    def meanwhile(self) -> None:
        if not self.door.has_answered(MOMENT):
            peer, _ = self.stage.peer(self.operation.peer, f"tcp://127.0.0.3:{self.port}")
            self.stage.names.move(self.name, "127.0.0.3")
            self.tell(peer)

    def address(self) -> str:
        """The name has moved, and the bind has to go where it is."""
        self.name = self.stage.names.new()
        self.stage.names.move(self.name, "127.0.0.2")
        self.stage.names.move(self.name, "127.0.0.3")
        return f"tcp://{self.name}:0"

    def knock(self, endpoint: str) -> None:
        if not endpoint.startswith("tcp://127.0.0.3:"):
            raise Trouble(f"bound at {endpoint}, and not where the name is")


class OfProcess(Peer):
    """A good peer in a process, or a process that has the address of a bind."""

    links_first = True

    def start(self) -> str:
        self.peer, self.endpoint = self.stage.peer(self.operation.peer)
        return self.endpoint

    def address(self) -> str:
        endpoint = self.start()
        self.strike()
        return endpoint


class Stopped(OfProcess):
    def strike(self) -> None:
        self.peer.stop()


class Killed(OfProcess):
    def strike(self) -> None:
        self.peer.kill()

    def address(self) -> str:
        """Who waits for an address waits for the end of who has it."""
        return self.start()

    def while_binding(self) -> None:
        if not self.door.has_answered(MOMENT):
            self.strike()


class KilledAndBack(OfProcess):
    def strike(self) -> None:
        self.peer.kill()

    def come_back(self) -> LineProcess:
        return self.stage.peer(self.operation.peer, self.endpoint)[0]

    def meanwhile(self) -> None:
        if not self.door.has_answered(MOMENT):
            self.tell(self.come_back())

    def address(self) -> str:
        endpoint = super().address()
        self.come_back()
        return endpoint


class CutOff(OfProcess):
    def strike(self) -> None:
        self.cut(network.port_of(self.endpoint))

    def cut(self, port: str) -> None:
        self.stage.callback(network.mend)
        network.cut(port)

    def address(self) -> str:
        return ANYWHERE

    def knock(self, endpoint: str) -> None:
        client = self.stage.foreign(zmq.PUSH)
        client.connect(endpoint)
        self.door.must("wait_peers", timeout_ms=PATIENCE_MS)
        for port in network.ports_connected_to(network.port_of(endpoint)):
            self.cut(port)


class Itself(Peer):
    """Nobody is at a port, and it is one of the four that connections can have as their own: sooner or later TCP
    connects one to itself. Of a bind: the socket's own address."""

    def start(self) -> str:
        self.before = network.allow_ports(f"{SOME_PORT} {SOME_PORT + 3}")
        self.stage.callback(network.allow_ports, self.before)
        return f"tcp://127.0.0.1:{SOME_PORT}"

    def settle(self) -> None:
        if self.operation.verb != "bind":
            network.allow_ports(self.before)

    def address(self) -> str:
        return self.door.must("bind", ANYWHERE, 1000).text
