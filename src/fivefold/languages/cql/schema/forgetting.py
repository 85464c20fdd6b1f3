"""What rows keep of columns that are dropped."""
