"""What a client asks about exports."""

from pathlib import Path

import httpx

from hctap_client.connection import Connection, answer_of, part_of
from hctap_client.problems import error_of
from hctap_core.exports import Export, ExportAccepted, ExportForm, ExportList, ExportOrder


class ExportCalls(Connection):
    """Exports: started, listed, fetched."""

    def start_export(self, form: ExportForm, run_id: str | None = None) -> ExportAccepted:
        """Export a finished run, the latest by default.

        Raises:
            RunNotFound: There is no such run.
            RunConflict: It is not finished.
        """
        return self.send("/v1/exports", ExportOrder(form=form, run_id=run_id), ExportAccepted)

    def retry_export(self, export_no: int) -> ExportAccepted:
        """Try a failed export again.

        Raises:
            ExportNotFound: There is no such export.
            RunConflict: It has not failed.
        """
        return answer_of(self.ask("POST", f"/v1/exports/{export_no}/retry"), ExportAccepted)

    def exports(self) -> ExportList:
        """The newest exports, the newest first."""
        return self.read("/v1/exports", ExportList)

    def export(self, export_no: int) -> Export:
        """An export: how far it has come, and its files.

        Raises:
            ExportNotFound: There is no such export.
        """
        return self.read(f"/v1/exports/{export_no}", Export)

    def fetch_export_file(self, export_no: int, name: str, to: Path) -> None:
        """Write a file of a completed export to a path.

        Raises:
            ExportNotFound: There is no such export or file.
            RunConflict: It is not completed.
        """
        try:
            with self.http.stream("GET", f"/v1/exports/{export_no}/files/{part_of(name)}") as response:
                if response.status_code != httpx.codes.OK:
                    response.read()
                    raise error_of(response)
                with to.open("wb") as stream:
                    for block in response.iter_bytes():
                        stream.write(block)
        except httpx.TransportError as error:
            raise self.unavailable(error) from None
