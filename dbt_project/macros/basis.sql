{# Which datasets a basis stands on (contract §4.9); vendor_invoices only where it is declared. #}
{% macro needed_datasets() -%}
    select basis, dataset
    from (
        values
        ('vendor_billed', 'vendor_charges'),
        ('vendor_billed', 'vendor_invoices'),
        ('cost_plus', 'vendor_charges'),
        ('cost_plus', 'vendor_invoices'),
        ('entitled', 'license_counts'),
        ('assigned', 'license_counts'),
        ('agreement', 'agreements')
    ) as needs (basis, dataset) -- noqa: AL05
{%- endmacro %}
