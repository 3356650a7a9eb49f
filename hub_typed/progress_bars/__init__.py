"""What is drawn from the events of transfers and jobs: bars on a terminal and in notebooks, lines elsewhere."""
