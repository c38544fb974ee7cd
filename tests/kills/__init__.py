"""Commands that are killed at random moments, as many as there is time for.

``campaign`` is the command; ``forking`` starts and kills, ``workspaces`` makes what is worked on, ``state``
says what lies there, ``operate``, ``runs`` and ``trouble`` are the three kinds of campaign."""
