{# What a decision saw of an exception (contract §8.1): its five impacts and its cost. #}
{% macro impacts() -%}
    {{ return(['client_recoverable', 'client_refund', 'vendor_claim', 'vendor_liability', 'stranded', 'priced_at_cost']) }}
{%- endmacro %}
{# The names of the impacts that are not 0: a list of text. #}
{% macro impact_columns(prefix='') -%}
    list_filter([{% for name in impacts() %}case when {{ prefix }}{{ name }} <> 0 then '{{ name }}' end{% if not loop.last %}, {% endif %}{% endfor %}], lambda name: name is not null)
{%- endmacro %}
{# The month after a month, both YYYY-MM. #}
{% macro month_after(period) -%}
    strftime(({{ period }} || '-01')::date + interval 1 month, '%Y-%m')
{%- endmacro %}
