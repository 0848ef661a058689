"""What a client asks about schedules."""

from hctap_client.connection import Connection, answer_of, part_of
from hctap_core.schedules import Schedule, ScheduleList, ScheduleOrder


class ScheduleCalls(Connection):
    """Schedules: listed, kept, taken away."""

    def schedules(self) -> ScheduleList:
        """The schedules by their names."""
        return self.read("/v1/schedules", ScheduleList)

    def put_schedule(self, name: str, wanted: ScheduleOrder) -> Schedule:
        """Keep a schedule under a name, in place of the one before.

        Raises:
            UnknownExtractor: There is no extractor of that name.
        """
        return self.put(f"/v1/schedules/{part_of(name)}", wanted, Schedule)

    def remove_schedule(self, name: str) -> Schedule:
        """Take a schedule away, and give what it was.

        Raises:
            ScheduleNotFound: There is none of that name.
        """
        return answer_of(self.ask("DELETE", f"/v1/schedules/{part_of(name)}"), Schedule)
