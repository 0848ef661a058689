"""Where the lake is and how one gets in."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LakeAddress:
    """The buckets and the service that holds them; without an endpoint it is AWS, with its own credentials.

    `forgets`: the service is an emulator that keeps nothing when it is started again, as LocalStack is.
    """

    raw_bucket: str
    enriched_bucket: str
    endpoint_url: str | None = None
    region: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    forgets: bool = False

    @property
    def name(self) -> str:
        """The address as a person reads it."""
        return self.endpoint_url or "AWS"
