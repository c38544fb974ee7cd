{# Numbers in sentences and ids: never in arithmetic. #}

{# A DECIMAL without the zeros its scale adds: 75.000000 is 75, 0.500000 is 0.5. #}
{% macro plain_number(x) -%}
    rtrim(rtrim(({{ x }})::decimal(38, 12)::varchar, '0'), '.')
{%- endmacro %}

{# A HUGEINT count of 10^-12 (unit-days, quantities) as plain text. #}
{% macro plain_units(n) -%}
    rtrim(rtrim(({{ unscaled(n, 12) }})::varchar, '0'), '.')
{%- endmacro %}

{# Money with exactly the currency's minor units: 53.23, or 5323 for a currency without. #}
{% macro money_text(x, minor_units) -%}
    (case {{ minor_units }}
        {% for m in range(5) -%}
            when {{ m }} then ({{ x }})::decimal(28, {{ m }})::varchar
        {% endfor -%}
    end)
{%- endmacro %}

{# A price: with the currency's minor units, 26.40, and with more places only where it has them, 1.2345. #}
{% macro price_text(x, minor_units) -%}
    (case
        when {{ money_text(x, minor_units) }}::decimal(38, 10) = ({{ x }})::decimal(38, 10) then {{ money_text(x, minor_units) }}
        else {{ plain_number(x) }}
    end)
{%- endmacro %}

{# 1 record, 7 records. #}
{% macro counted(n, noun) -%}
    ({{ n }} || case when {{ n }} = 1 then ' {{ noun }}' else ' {{ noun }}s' end)
{%- endmacro %}

{# Which files and lines a finding stands on: the first three of its record ids, and how many more there are. #}
{% macro records_text(record_ids) -%}
    (
        case when len({{ record_ids }}) > 0 then ' Records: ' || array_to_string({{ record_ids }}[1:3], ', ') else '' end
        || case when len({{ record_ids }}) > 3 then ' and ' || (len({{ record_ids }}) - 3) || ' more.'
            when len({{ record_ids }}) > 0 then '.' else '' end
    )
{%- endmacro %}

{# A name as people compare names: no capitals, single blanks, whatever kind of blank it was. Only for hints, never for joins that count. #}
{% macro folded_name(x) -%}
    lower(trim(regexp_replace({{ x }}, '{{ blanks() }}+', ' ', 'g')))
{%- endmacro %}

{# An id without what exports change by themselves: capitals, blanks, leading zeros. Only for hints, never for joins that count. #}
{% macro folded_id(x) -%}
    ltrim(lower(regexp_replace({{ x }}, '{{ blanks() }}', '', 'g')), '0')
{%- endmacro %}

{% macro blanks() -%}
    [\s\x{A0}\x{2000}-\x{200B}\x{202F}\x{3000}\x{FEFF}]
{%- endmacro %}

{# Text from outside in a sentence: its first sixty characters. #}
{% macro clipped(x) -%}
    (left({{ x }}, 60) || case when length({{ x }}) > 60 then '…' else '' end)
{%- endmacro %}
