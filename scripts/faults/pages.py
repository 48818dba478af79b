"""What is done to report and watch: a page is whole or not there, and nobody who asks the server can harm the run."""

import re
import socket
import time
import urllib.error
import urllib.request

from bench import LONG, SHORT, SIGNALS, require, send, wait_for

LISTENERS = 200
HALVES = 50
MALFORMED = 60


def report_killed(t):
    course = t.course(SHORT)
    page, words = t.folder / "page.html", ["report", course.whole, "--out", t.folder / "page.html"]
    before = course.content(course.whole)
    started = time.monotonic()
    require(t.bench.run(words).code == 0, "no report without a fault")
    seconds = time.monotonic() - started
    whole = mended(page)
    page.unlink()
    process = t.bench.start(words)
    t.delay(seconds)
    send(process, t.draws.choice(list(SIGNALS.values())))
    t.bench.end(process)
    require(not page.exists() or mended(page) == whole, "left half a page")
    ending = t.bench.run(words)
    require(ending.code == 0 and mended(page) == whole, f"no report afterwards: {ending.text}")
    require([path.name for path in t.folder.iterdir()] == ["page.html"], "left a temporary file")
    require(course.content(course.whole) == before, "the report changed the run")


def mended(page):
    """The page without the moment at which it was made."""
    return re.sub(r"on \d{4}-\d\d-\d\dT[\d:]+Z", "", page.read_text())


def watch_beset(t):
    course = t.course(LONG)
    training = t.begin(course)
    require(wait_for(training, (t.run / "run.json").exists), "no run began")
    server = t.bench.start(["watch", t.run])
    held = []
    try:
        require(wait_for(server, lambda: "http://" in text_of(server)), "the server gave no address")
        url = text_of(server).split()[0]
        beset(url, held, t.draws)
        t.note = f"{len(held)} connections held open, {MALFORMED} malformed requests"
        require(b"</html>" in fetch(url), "the page is not whole")
        require(b"no such run" in fetch(url + "steer?run=run-7&seed=0&values="), "steering does not answer")
        require(server.poll() is None, "the server ended")
        training_ended = t.bench.end(training)
        require(training_ended.code == 0, f"the training ended with {training_ended.code}")
        require(b"</html>" in fetch(url), "the page of the finished run is not whole")
    finally:
        for connection in held:
            connection.close()
        send(server, SIGNALS["SIGINT"])
        ending = t.bench.end(server)
        send(training, SIGNALS["kill -9"])
    require(ending.code == 0, f"the server ended with {ending.code}: {ending.text}")
    course.require_equal(t.run)


def text_of(process):
    with open(process.output.name) as file:
        return file.read()


def fetch(url):
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        return error.read()


def beset(url, held, draws):
    """Opens connections that never read, others that never finish asking, and sends what is no request."""
    _, _, host, token, _ = url.split("/")
    port = int(host.split(":")[1])

    def connect():
        connection = socket.create_connection(("127.0.0.1", port), timeout=30)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        return connection

    for _ in range(LISTENERS):
        held.append(connect())
        held[-1].sendall(f"GET /{token}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    for _ in range(HALVES):
        held.append(connect())
        held[-1].sendall(b"GET /" + b"a" * draws.randint(1, 4000))
    requests = [
        lambda: draws.randbytes(draws.randint(1, 4000)),
        lambda: b"GET\r\n\r\n",
        lambda: b"GET / HTTP/9.9\r\n\r\n",
        lambda: f"POST /{token}/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {10**20}\r\n\r\n".encode(),
        lambda: b"GET /" + b"%" * 500 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        lambda: f"GET /{token}/steer?run=../run.json&seed={10**30}&values=nan,1e999 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode(),
    ]
    for index in range(MALFORMED):
        with connect() as connection:
            connection.settimeout(0.1)
            try:
                connection.sendall(requests[index % len(requests)]())
                connection.recv(100)
            except OSError:
                pass
