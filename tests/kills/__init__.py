"""Commands that are killed at random moments, as many as there is time for.

``campaign`` is the command; ``forking`` starts and kills, ``workspaces`` makes what is worked on, ``state``
says what lies there, ``operate``, ``runs`` and ``trouble`` are the three kinds of campaign.

``machines`` is another command, for an installation on several machines: ``spread`` is the installation,
whose parts are killed, ``spread_checks`` what must hold afterwards."""
