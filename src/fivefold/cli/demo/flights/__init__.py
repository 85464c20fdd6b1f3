"""The flights that left New York in 2013: loaded, asked about, counted, and booked."""
