"""Job queues that know Redis: their workers' modules."""
