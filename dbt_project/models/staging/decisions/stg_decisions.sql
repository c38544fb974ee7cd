-- One row of the ledger's decisions that reach P: what was decided, what was seen then, and what became of it (contract §8.3).
with source as (

    select * from {{ source('raw', 'decisions') }}

)

select
    decision_id,
    seq,
    action,
    period as made_in,
    fate,
    actor,
    confirmed_by,
    decided_at,
    reason,
    exception_id,
    issue_id,
    exception_code,
    client_id,
    product_code,
    source,
    keys,
    until,
    up_to,
    currency,
    seen_client_recoverable,
    seen_client_refund,
    seen_vendor_claim,
    seen_vendor_liability,
    seen_stranded,
    seen_priced_at_cost,
    impact_seen
from source
