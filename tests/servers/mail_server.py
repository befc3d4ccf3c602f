"""A mail server on this machine that takes mails, refuses some, and cuts the line on others (RFC 5321, in small)."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class MailServer:
    """What a mail server took: how many lines were opened to it, and to whom mails went."""

    port: int
    lines: int = 0
    taken: list[str] = field(default_factory=list)


class _Line(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        """Talk until the client says goodbye; `refused@` gets no mail, `cut@` ends the talk."""
        self.server.state.lines += 1
        self._say("220 here")
        recipient = ""
        while words := self.rfile.readline().decode().split(":", 1):
            match words[0].strip().upper().split(" ")[0]:
                case "RCPT":
                    recipient = words[1].strip().strip("<>")
                    if recipient.startswith("cut@"):
                        return
                    self._say("550 nobody here" if recipient.startswith("refused@") else "250 yes")
                case "DATA":
                    self._say("354 go on")
                    while self.rfile.readline() != b".\r\n":
                        pass
                    self.server.state.taken.append(recipient)
                    self._say("250 taken")
                case "QUIT" | "":
                    self._say("221 goodbye")
                    return
                case _:
                    self._say("250 yes")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    state: MailServer


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    """Run a mail server for as long as the block lasts."""
    with _Server(("127.0.0.1", 0), _Line) as server:
        server.state = MailServer(port=server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.state
        finally:
            server.shutdown()
            thread.join()
