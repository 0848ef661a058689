"""What is done about identifiers of persons: the option that commands share."""

from typing import Annotated

import typer

from hctap_core.phi import PhiPolicy

Phi = Annotated[
    PhiPolicy | None,
    typer.Option(
        "--phi",
        help="What is done about identifiers of persons; HCTAP_PHI_POLICY without it, else report.",
        show_default=False,
    ),
]
