-- One row per client invoice line landed in P, or earlier and reaching into P; price per full month, service_period_end exclusive.
with source as (

    select * from {{ source('raw', 'invoice_lines') }}

)

select
    -- keys
    source,
    invoice_id,
    invoice_line_id,
    record_id,
    landed_period,

    -- who and what
    client_id,
    product_code,
    agreement_line_id,
    charge_category,
    description,

    -- quantities and money
    quantity,
    unit_price,
    amount,
    currency,

    -- dates
    service_period_start,
    service_period_end,
    invoice_date,
    due_date
from source
