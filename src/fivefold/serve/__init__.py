"""The only asyncio: joins the wire's machines to the engine."""
