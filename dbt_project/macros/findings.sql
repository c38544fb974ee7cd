{#
What every model of findings gives, in this order; fct_exceptions is made of these columns, whichever model found it. signed_impact is
money in the finding's currency; the seed exception_codes says where it goes. record_ids is null where the records are those of the key.
#}
{% macro finding_columns() -%}
    exception_code, client_id, product_code, source, vendor_customer_id, sku_id, invoice_id, line_id,
    currency, minor_units, valued_at, signed_impact, record_ids
{%- endmacro %}
