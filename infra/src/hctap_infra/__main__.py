"""`python -m hctap_infra`: what CDK runs; its context says the environment, one's own file, the region, the tag."""

import sys
from pathlib import Path

from aws_cdk import App

from hctap_core.errors import SettingsInvalid
from hctap_infra.application import compose
from hctap_infra.checks.packs import add_packs
from hctap_infra.environments import read_environment

EXIT_USAGE = 2


def main() -> None:
    """Write the cloud assembly that CDK asks for; exit 2 where the environment makes no sense."""
    app = App()
    own, tag = app.node.try_get_context("own"), app.node.try_get_context("tag")
    try:
        environment = read_environment(
            str(app.node.try_get_context("env")), Path(own) if own else None, app.node.try_get_context("region")
        )
    except SettingsInvalid as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_USAGE)
    compose(app, environment, tag or "none")
    add_packs(app)
    app.synth()


if __name__ == "__main__":
    main()
