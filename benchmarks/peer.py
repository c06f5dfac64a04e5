"""The peer to compare with: nginx with nchan, a publish/subscribe server written in C.

Debian: `apt-get install nginx-light libnginx-mod-nchan`. One worker, as there is one bridge.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

import psutil

from benchmarks.load import LoadError
from jetbridge.embedded import accepts_connections

MODULES = (
    Path("/usr/lib/nginx/modules/ngx_nchan_module.so"),
    Path("/usr/share/nginx/modules/ngx_nchan_module.so"),
)
INSTALL = "apt-get install nginx-light libnginx-mod-nchan"

CONFIGURATION = """
load_module {module};
daemon off; user root; worker_processes 1; worker_rlimit_nofile 20000;
pid {folder}/pid; error_log {folder}/error.log crit;
events {{ worker_connections 15000; }}
http {{
  access_log off; nchan_shared_memory_size 512m;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=4096; keepalive_requests 1000000000;
    location = /events {{
      nchan_subscriber eventsource; nchan_channel_id all; nchan_subscriber_timeout 0;
      nchan_subscriber_first_message newest;
    }}
    location = /publish {{
      nchan_publisher; nchan_channel_id all;
      nchan_message_buffer_length 1000; nchan_message_timeout 60s;
    }}
  }}
}}
"""
EVENTS = "/events"
PUBLISH = "/publish"
START_SECONDS = 5.0


class Peer:
    """A running nchan: its port, and what its worker has used so far."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.port = port
        self._master = psutil.Process(process.pid)

    def cpu_seconds(self) -> float:
        """Processor time used since it started, in user and kernel mode."""
        used = [worker.cpu_times() for worker in self._master.children()]
        return sum(each.user + each.system for each in used)

    def memory_bytes(self) -> int:
        """Resident memory."""
        return sum(worker.memory_info().rss for worker in self._master.children())


def module() -> Path | None:
    """The nchan module, if this machine has it and nginx."""
    if shutil.which("nginx") is None:
        return None
    return next((path for path in MODULES if path.exists()), None)


@contextlib.contextmanager
def nchan() -> Generator[Peer]:
    """nginx with nchan and nothing else, until the block ends."""
    found = module()
    if found is None:
        raise LoadError("nchan is not installed", hint=INSTALL)
    with tempfile.TemporaryDirectory(prefix="jetbridge-peer-") as folder:
        port = _free_port()
        configuration = Path(folder) / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(module=found, folder=folder, port=port))
        process = subprocess.Popen(["nginx", "-p", folder, "-c", str(configuration)])
        try:
            _await_start(process, port)
            yield Peer(process, port)
        finally:
            process.terminate()
            process.wait()


def _await_start(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not accepts_connections(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise LoadError("nginx with nchan did not start")
        time.sleep(0.01)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
