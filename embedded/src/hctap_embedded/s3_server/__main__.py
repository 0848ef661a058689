"""`python -m hctap_embedded.s3_server`: MiniStack behind the guard, until it is asked to end."""

import ministack.app

from hctap_embedded.s3_bodies import keep_bodies_on_disk
from hctap_embedded.s3_buckets import keep_empty_buckets
from hctap_embedded.s3_guard import guard
from hctap_embedded.settings import read_s3_server_settings


def main() -> None:
    """Serve the objects of this stack to those who know its access key."""
    settings = read_s3_server_settings()
    keep_empty_buckets(settings.data_folder)
    keep_bodies_on_disk()
    # MiniStack's own start-up serves whatever stands under this name.
    ministack.app.app = guard(ministack.app.app, settings.access_key_id, settings.data_folder)
    ministack.app.main()


if __name__ == "__main__":
    main()
