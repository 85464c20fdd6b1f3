"""SQL in PostgreSQL's dialect: text is parsed (parse/), bound (bind/, schema/) and lowered
(lower.py).
"""
