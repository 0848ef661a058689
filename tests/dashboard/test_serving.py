"""The options that Streamlit is given."""

import pytest
from streamlit import config

from hctap_dashboard.serving import configure_server


@pytest.mark.parametrize("name", configure_server("127.0.0.1", 8501))
def test_streamlit_knows_every_option(name: str) -> None:
    assert name in config._config_options_template


def test_nothing_is_reported_to_anybody_and_only_this_machine_is_served() -> None:
    options = configure_server("127.0.0.1", 8501)
    assert options["browser.gatherUsageStats"] is False
    assert options["server.address"] == "127.0.0.1"
    assert options["server.baseUrlPath"] == "app"
    assert options["client.showErrorDetails"] == "none"
