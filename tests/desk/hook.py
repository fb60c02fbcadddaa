"""A webhook's other end: a real HTTP server that answers as it is told and keeps what it was sent."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer


@contextmanager
def listening(*answers):
    """Serve on a free port; each POST gets the next answer, the last one again and again."""
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(answers[min(len(got), len(answers) - 1)])
            self.send_header("content-length", "0")
            self.send_header("location", "/elsewhere")
            self.end_headers()
            got.append((self.path, self.headers["content-type"], json.loads(body)))

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook/a-secret", got
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
