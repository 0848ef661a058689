"""Every environment synthesised once a session: importing CDK and starting its Node is what takes the time."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.infra.assemblies import Assembly

from hctap_infra.environments import NAMES, Environment, read_environment

INFRA = Path(__file__).parents[2] / "infra"
OWN = INFRA / "own.example.yaml"
SIGN_IN = {
    "issuer": "https://id.example.org",
    "authorization_endpoint": "https://id.example.org/authorize",
    "token_endpoint": "https://id.example.org/token",
    "user_info_endpoint": "https://id.example.org/me",
    "client_id": "hc-tap",
    "secret_name": "hc-tap/staging/oidc",
}
IDENTITY = {
    "issuer": "https://id.example.org/realms/clinic",
    "audience": "hc-tap",
    "role_claim": "realm_access.roles",
    "role_prefix": "hctap-",
    "dashboard": {
        "client_id": "hc-tap-dashboard",
        "secret_arn": "arn:aws:secretsmanager:us-west-2:000000000000:secret:hc-tap/staging/sign-in-AbCdEf",
        "secret_key_arn": "arn:aws:kms:us-west-2:000000000000:key/11111111-2222-3333-4444-555555555555",
        "token": "id",
    },
}


@pytest.fixture(scope="session")
def cdk_context() -> Iterator[dict[str, Any]]:
    """The flags of CDK as its command line reads them, and the Node that the lock file names."""
    node = Path(sys.executable).parent / "node"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JSII_NODE", str(node))
        patch.setenv("PATH", f"{node.parent}{os.pathsep}{os.environ['PATH']}")
        yield json.loads((INFRA / "cdk.json").read_text())["context"]


def synthesise(environment: Environment, folder: Path, context: dict[str, Any]) -> Assembly:
    from aws_cdk import App

    from hctap_infra.application import compose
    from hctap_infra.checks.packs import add_packs

    app = App(outdir=str(folder), context=context)
    compose(app, environment, "0123456789ab")
    add_packs(app)
    app.synth()
    return Assembly(environment, folder)


@pytest.fixture(scope="session")
def assemblies(tmp_path_factory: pytest.TempPathFactory, cdk_context: dict[str, Any]) -> dict[str, Assembly]:
    """dev, staging and prod, with the example of one's own file; a finding that nobody acknowledged fails here."""
    folder = tmp_path_factory.mktemp("cdk")
    return {name: synthesise(read_environment(name, OWN), folder / name, cdk_context) for name in NAMES}


@pytest.fixture(scope="session")
def flagged(tmp_path_factory: pytest.TempPathFactory, cdk_context: dict[str, Any]) -> Assembly:
    """Staging with every flag on, in the region that prod's copies lie in; held against both rule packs as well."""
    folder = tmp_path_factory.mktemp("flags")
    own = yaml.safe_load(OWN.read_text())
    own["staging"]["edge"] |= {"allow": [], "has_distribution": True, "sign_in": SIGN_IN}
    own["staging"] |= {
        "deployment": {"is_blue_green": True},
        "identity": IDENTITY,
        "network": {"execute_command": True, "interface_endpoints": ["ecr.api", "ecr.dkr", "logs", "secretsmanager"]},
        "security": {"has_detector": True},
    }
    own["shared"]["monitoring"] |= {
        "slack": {"workspace": "T0123456789", "channel": "C0123456789"},
        "pagerduty_url": "https://events.pagerduty.com/integration/0123456789/enqueue",
    }
    path = folder / "own.yaml"
    path.write_text(yaml.safe_dump(own))
    return synthesise(read_environment("staging", path, "us-west-2"), folder / "out", cdk_context)


@pytest.fixture(params=NAMES)
def assembly(request: pytest.FixtureRequest, assemblies: dict[str, Assembly]) -> Assembly:
    return assemblies[request.param]
