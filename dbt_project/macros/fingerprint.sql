{# A stable id of the listed values: equal values give the same id on every run, on every machine (contract §5). #}
{% macro fingerprint(columns) -%}
    left(sha256(to_json([{% for c in columns %}{{ c }}::varchar{% if not loop.last %}, {% endif %}{% endfor %}])::varchar), 24)
{%- endmacro %}
