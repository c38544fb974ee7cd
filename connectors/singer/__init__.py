"""What any Singer tap wrote: SCHEMA, RECORD and STATE lines."""
