"""HTTP/1.1 as uvicorn speaks it, but what is no HTTP (or a head of more than 64 KiB) is answered with a problem too."""

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from adapters.http import security
from adapters.http.problems import problem

LINGER_S = 2
"""How long a caller who is still sending may go on, unheard: hanging up at once would lose the answer on its way."""


class ProblemProtocol(H11Protocol):
    """For `uvicorn.Config(http=ProblemProtocol)`."""

    refused = False

    def data_received(self, data: bytes) -> None:
        """Listen, unless the caller has been refused."""
        if not self.refused:
            super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        """Answer, and hang up: nothing that follows could be understood."""
        self.refused = True
        body = problem(400, "unreadable", f"{msg} Is it HTTP/1.1, and its head smaller than 64 KiB?")
        for event in (
            h11.Response(status_code=400, headers=[*body.raw_headers, *security.API, (b"connection", b"close")]),
            h11.Data(data=bytes(body.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.write_eof()
        self.loop.call_later(LINGER_S, self.transport.close)
