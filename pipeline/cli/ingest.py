"""`pipeline ingest`: articles over HTTP, onto news.raw."""

from __future__ import annotations

import ipaddress
import socket
from typing import Annotated

import typer

from pipeline.cli.output import AsJson, print_json, say
from pipeline.cli.replay import QualifyIds, Source
from pipeline.cli.sending import publisher
from pipeline.errors import SettingsError, UsageError
from pipeline.execution.signals import already_stopping, on_stop
from pipeline.kafka.publisher import ArticleProducer, Delivery
from pipeline.settings import MIB, Settings
from pipeline.sources import Limits
from pipeline.sources.formats import Intake
from pipeline.sources.reading import utc_now

_CONNECTIONS = 256


def ingest(
    *,
    host: Annotated[
        str, typer.Option(help="Address to listen on; any but this machine's own needs a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0: any free port.")] = 8470,
    max_body_mib: Annotated[int, typer.Option(min=1, max=1024, help="Of one request.")] = 16,
    max_articles: Annotated[int, typer.Option(min=1, help="In one request.")] = 1000,
    max_requests: Annotated[int, typer.Option(min=1, help="At once; one more is answered with 429.")] = 8,
    source: Source = None,
    qualify_ids: QualifyIds = False,
    as_json: AsJson = False,
) -> None:
    """Take articles over HTTP, POST /articles, until SIGTERM or Ctrl-C: docs/sources.md.

    The answer is 202 when the broker has acknowledged them. PIPELINE_INGEST_TOKEN is the token that is asked for.
    With --json one line is printed on stdout when it listens.
    """
    settings = Settings.load()
    try:
        import uvicorn  # noqa: PLC0415 - an extra

        from pipeline.web.ingest import Bounds, ingest_app  # noqa: PLC0415 - see above
    except ImportError as error:
        raise SettingsError(
            f"this needs packages that are not installed ({error.name}): pip install 'news-pipeline[web]'"
        ) from None
    token = settings.ingest_token.get_secret_value() if settings.ingest_token else None
    if token is None and not _is_loopback(host):
        raise UsageError(
            f"--host {host} can be reached by others: set PIPELINE_INGEST_TOKEN (16 characters at least)"
        )
    limits = Limits(max_article_bytes=settings.max_article_bytes)
    with _listening(host, port) as listener, publisher(settings, waits=False) as sending:
        app = ingest_app(
            Delivery(ArticleProducer(settings, sending), sending),
            lambda: Intake(limits, source, utc_now, qualify_ids=qualify_ids),
            token=token,
            bounds=Bounds(max_body_mib * MIB, max_articles, max_requests),
        )
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                server_header=False,
                limit_concurrency=_CONNECTIONS,
            )
        )
        url = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}/articles"
        if as_json:
            print_json({"event": "ready", "articles": url})
        else:
            say(f"taking articles at {url}")
        on_stop(lambda: setattr(server, "should_exit", True))
        server.run(sockets=[listener])
        already_stopping()


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise SettingsError(
            f"can't listen on {host}:{port} ({error.strerror}): choose another --port, or 0"
        ) from None
    return listener
