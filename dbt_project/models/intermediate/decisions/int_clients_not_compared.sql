-- One row per client, product and currency of invoice lines that could not be compared: nothing was, so nothing is clean (contract §4).
select distinct
    lines.client_id,
    lines.product_code,
    lines.currency
from {{ ref('int_invoice_lines') }} as lines
inner join {{ ref('int_key_verdicts') }} as verdicts
    on lines.client_id = verdicts.client_id and lines.product_code = verdicts.product_code
where lines.is_reconciled and verdicts.verdict in ('unreconciled', 'unreconcilable')
