"""The S3 service of the stack: MiniStack, which keeps objects as files."""

import sys

from hctap_embedded.addresses import HOST, REGION
from hctap_embedded.part import Launch, Part, Site
from hctap_embedded.probes import answers_http

HEALTH_PATH = "/_ministack/health"
_MODULE = "hctap_embedded.s3_server"

# A part of a run, some 8 MB, is put together from its pieces in one block: memory that glibc gives back and takes again
# for each takes as much of a processor as the checksum.
_REUSED_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(64 << 20)}


def _prepare(site: Site) -> Launch:
    data, scratch = site.home / "s3", site.home / "run"
    for folder in (data, scratch):
        folder.mkdir(mode=0o700, exist_ok=True)
    environment = site.bare_environment() | {
        "SERVICES": "s3",
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(data),
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(site.ports["s3"]),
        "MINISTACK_REGION": REGION,
        "AWS_ACCESS_KEY_ID": site.credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": site.credentials.secret_access_key,
        # Listeners of services that are not wanted: MQTT would open 0.0.0.0:8883 even with SERVICES=s3.
        "IOT_MTLS_ENABLED": "0",
        "IOT_MTLS_PORT": "off",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{scratch}/no-docker",
        "LOG_LEVEL": "WARNING",
        "TMPDIR": str(scratch),
        **_REUSED_MEMORY,
    }
    options = ("-P", "-X", "utf8", "-X", f"hctap_home={site.home}")
    return Launch((sys.executable, *options, "-m", _MODULE), environment)


S3 = Part(
    name="s3",
    title="S3",
    prepare=_prepare,
    marks=lambda home: (f"hctap_home={home}", _MODULE),
    is_ready=lambda site: answers_http(site.ports["s3"], HEALTH_PATH),
)
