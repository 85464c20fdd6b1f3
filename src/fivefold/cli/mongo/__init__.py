"""The verb ``mongo``: what people type in mongosh, without JavaScript."""
