{# Days that the half-open intervals [a_start, a_end) and [b_start, b_end) share; an empty a_end is open. Never negative. #}
{% macro overlap_days(a_start, a_end, b_start, b_end) -%}
    greatest(0, least(coalesce({{ a_end }}, {{ b_end }}), {{ b_end }}) - greatest({{ a_start }}, {{ b_start }}))::integer
{%- endmacro %}

{#
Whether the half-open interval [valid_from, valid_to), empty = open, holds the date. Written as two plain comparisons: DuckDB joins on
those by hash, and falls back to comparing every pair of rows as soon as a condition of an outer join holds an OR.
#}
{% macro valid_on(day, valid_from, valid_to) -%}
    ({{ day }} >= coalesce({{ valid_from }}, '-infinity'::date) and {{ day }} < coalesce({{ valid_to }}, 'infinity'::date))
{%- endmacro %}

{# Whether the half-open interval [valid_from, valid_to), empty = open, holds any day of [a_start, a_end). #}
{% macro holds_within(valid_from, valid_to, a_start, a_end) -%}
    (
        greatest(coalesce({{ valid_from }}, '-infinity'::date), {{ a_start }})
        < least(coalesce({{ valid_to }}, 'infinity'::date), {{ a_end }})
    )
{%- endmacro %}
