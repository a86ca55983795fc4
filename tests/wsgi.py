"""What a WSGI application answers, asked as a server asks it."""

import io


def asked_of(application, path="/", *, method="GET", **environ):
    """The status, the headers and the body. No header stands twice."""
    started = []
    path, _, query = path.partition("?")
    given = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_HOST": "testserver",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        **environ,
    }
    body = application(given, lambda status, headers, exc_info=None: started.append((status, headers)))
    content = b"".join(body)
    getattr(body, "close", lambda: None)()
    ((status, headers),) = started
    assert len({name.lower() for name, _ in headers}) == len(headers)
    return int(status[:3]), dict(headers), content
