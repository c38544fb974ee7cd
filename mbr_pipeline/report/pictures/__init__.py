"""Pictures of measures over months, as SVG made on the server: lines and columns, and the waterfalls of
``mbr_pipeline.report.pictures.charts``.

What belongs here: where each mark stands (``over_months``), the axis (``axis``), and the SVG text (``draw``).
What does not: the amounts (``mbr_pipeline.report.trends``), and the table that stands behind each picture.
"""
