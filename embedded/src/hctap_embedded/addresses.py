"""Where the parts of a stack answer."""

from dataclasses import dataclass

HOST = "127.0.0.1"
ROLE = "hctap"
DATABASE = "hctap"
REGION = "us-east-1"


@dataclass(frozen=True)
class Addresses:
    """What a program needs to know to use the stack; the URLs hold the passwords."""

    database_url: str
    redis_url: str
    s3_endpoint: str
    access_key_id: str
    secret_access_key: str
    api_url: str | None = None
    dashboard_url: str | None = None

    def environment(self) -> dict[str, str]:
        """The addresses as environment variables: the content of `stack.env`."""
        lines = {
            "HCTAP_DATABASE_URL": self.database_url,
            "HCTAP_REDIS_URL": self.redis_url,
            "AWS_ENDPOINT_URL": self.s3_endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_DEFAULT_REGION": REGION,
        }
        if self.api_url:
            lines |= {"HCTAP_API_PORT": self.api_url.rpartition(":")[2], "HCTAP_API_URL": self.api_url}
        if self.dashboard_url:
            lines["HCTAP_DASHBOARD_PORT"] = self.dashboard_url.rpartition(":")[2]
        return lines

    def lines(self) -> str:
        """The environment as `KEY=VALUE` lines."""
        return "".join(f"{key}={value}\n" for key, value in self.environment().items())


def address_of(port: int, scheme: str = "http") -> str:
    """The address of a port of this machine as a person writes it."""
    return f"{scheme}://{HOST}:{port}"
