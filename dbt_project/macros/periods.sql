{# Days that the half-open intervals [a_start, a_end) and [b_start, b_end) share; an empty a_end is open. Never negative. #}
{% macro overlap_days(a_start, a_end, b_start, b_end) -%}
    greatest(0, least(coalesce({{ a_end }}, {{ b_end }}), {{ b_end }}) - greatest({{ a_start }}, {{ b_start }}))::integer
{%- endmacro %}

{# Whether the half-open interval [valid_from, valid_to), empty = open, holds the date. #}
{% macro valid_on(day, valid_from, valid_to) -%}
    (({{ valid_from }} is null or {{ valid_from }} <= {{ day }}) and ({{ valid_to }} is null or {{ day }} < {{ valid_to }}))
{%- endmacro %}
