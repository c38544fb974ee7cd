-- One row per source, currency and reason of vendor lines that a `!` word maps: their effective cost in P, which is billed to nobody
-- (contract §6.5, fct_control_totals). It holds always: it shows what rules leave out.
select
    source,
    exclusion || ' ' || currency as scope,
    sum(effective_cost)::decimal(38, 12) as cost,
    {{ counted('count(*)', 'vendor line') }} || case exclusion
        when 'internal' then ' of own seats (!internal)'
        when 'ignored' then ' that the map ignores (!ignore)'
        else ' of what is not billed (!not_billed)'
    end || ', ' || {{ price_text('sum(effective_cost)', 'minor_units') }} || ' ' || currency
    || ' in the month: billed to nobody' as message
from {{ ref('int_vendor_lines') }}
where exclusion is not null and is_reconciled_category and counts_in_period and not is_duplicate
group by source, currency, minor_units, exclusion
