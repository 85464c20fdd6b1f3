"""The suite itself, from SQLAlchemy's package."""

from sqlalchemy.testing.suite import *  # noqa: F403  # that is how dialects run it
