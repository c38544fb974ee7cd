{# The names of the impacts that are not 0, of what is there or (prefix) of what was seen: a list of text (contract §8.3). #}
{% macro impact_columns(prefix='') -%}
    list_sort(list_distinct([
        {%- for name in ['client_recoverable', 'client_refund', 'vendor_claim', 'vendor_liability', 'stranded', 'priced_at_cost'] %}
        case when {{ prefix }}{{ name }} <> 0 then '{{ name }}' end{% if not loop.last %},{% endif %}
        {%- endfor %}
    ]))
{%- endmacro %}
{# The month after a month, both YYYY-MM. #}
{% macro month_after(period) -%}
    strftime(({{ period }} || '-01')::date + interval 1 month, '%Y-%m')
{%- endmacro %}
