"""What runs: programs, their rights, their tasks, services, schedules."""
