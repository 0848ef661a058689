"""Valkey: the Redis of the stack."""

from pathlib import Path

from hctap_embedded.addresses import HOST
from hctap_embedded.files import write_whole
from hctap_embedded.part import Launch, Part, Site
from hctap_embedded.probes import answers_valkey
from hctap_embedded.wheels import valkey_server

# The password stands in the file and not in the arguments, where every user of the machine could read it.
_CONFIGURATION = """\
bind {host}
port {port}
protected-mode yes
requirepass {password}
dir "{folder}"
appendonly yes
appendfsync everysec
save ""
daemonize no
"""

# The title stays as it is, because the arguments are the mark by which the process is found again.
_KEEP_TITLE = ("--set-proc-title", "no")


def _configuration(home: Path) -> Path:
    return home / "valkey" / "valkey.conf"


def _prepare(site: Site) -> Launch:
    configuration = _configuration(site.home)
    configuration.parent.mkdir(mode=0o700, exist_ok=True)
    write_whole(
        configuration,
        _CONFIGURATION.format(
            host=HOST,
            port=site.ports["valkey"],
            password=site.credentials.redis_password,
            folder=str(configuration.parent).replace("\\", "\\\\").replace('"', '\\"'),
        ),
    )
    return Launch((str(valkey_server()), str(configuration), *_KEEP_TITLE), site.bare_environment())


VALKEY = Part(
    name="valkey",
    title="Valkey",
    prepare=_prepare,
    marks=lambda home: (str(_configuration(home)), *_KEEP_TITLE),
    is_ready=lambda site: answers_valkey(site.ports["valkey"], site.credentials.redis_password),
    scheme="redis",
)
