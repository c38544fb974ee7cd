"""Has dbt build a month, and keeps the compiled project."""
