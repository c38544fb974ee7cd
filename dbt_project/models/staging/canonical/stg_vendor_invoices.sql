-- One row per vendor bill: the control total of its lines.
with source as (

    select * from {{ source('raw', 'vendor_invoices') }}

)

select
    source,
    invoice_id,
    invoice_date,
    currency,
    invoice_total,
    landed_period,
    record_id
from source
