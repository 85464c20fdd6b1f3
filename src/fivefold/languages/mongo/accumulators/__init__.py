"""What $group and windows make of many values (manual 7.0, "Accumulators ($group,
$setWindowFields)").
"""
