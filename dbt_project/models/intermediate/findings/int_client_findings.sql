-- Every client-side finding, one row each (contract §5): per key, or per invoice line. signed_impact > 0: bill more, < 0: refund.
with lines as (

    select
        exception_code,
        client_id,
        product_code,
        source,
        null::varchar as vendor_customer_id,
        null::varchar as sku_id,
        invoice_id,
        invoice_line_id as line_id,
        currency,
        minor_units,
        null::varchar as valued_at,
        price_variance as signed_impact,
        [record_id] as record_ids
    from {{ ref('int_invoice_line_variances') }}
    where exception_code is not null

)

select {{ finding_columns() }} from {{ ref('int_volume_findings') }}
union all by name
select {{ finding_columns() }} from lines
union all by name
select {{ finding_columns() }} from {{ ref('int_margin_findings') }}
