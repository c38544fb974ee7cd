"""The mistakes that a world may hide, each with the answer it must yield.

What belongs here: faults of the client's side (``client``), of the vendor's bill (``vendor``) and of the
landed data (``control``), and the rows they consist of (``site``). What does not: the correct books they go
into (``clean_books``) and the order of it all (``make``).
"""
