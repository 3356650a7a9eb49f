"""Jobs: recorded ones, whose output tests set, or processes on this machine; and scheduled jobs."""
