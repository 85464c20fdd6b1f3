"""What $setWindowFields computes (manual 7.0, "$setWindowFields (aggregation)", "Window
Operators").
"""
